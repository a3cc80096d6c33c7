import type { JsonObject, NextTier, TierStanding } from '../../contract/index.js';
import { asText } from '../graph/index.js';

/** Meta: whatsapp/messaging-limits, "increasing your messaging limit". The last one leads to unlimited. */
const LEVELS = [250, 2_000, 10_000, 100_000];

/** What opens the second level, where the business is not verified. */
const OPENED_IN_30_DAYS = 2_000;

/** What Meta asks for before it raises the limit, with what was counted here. */
export function nextTier({ limit, opened, groups, accounts }: TierStanding): NextTier | undefined {
  if (limit === null) return undefined;
  const next = LEVELS.find((level) => level > limit) ?? null;
  const quality = qualityNeed(accounts);
  if (next === LEVELS[1]) {
    const isVerified = groups.some(
      (group) => asText(group['business_verification_status'])?.toLowerCase() === 'verified',
    );
    const verified = isVerified
      ? 'The business is verified, as Meta says: it raises the limit by itself, or names what is missing in WhatsApp Manager.'
      : 'Verify the business with Meta, or ' +
        `reach ${people(OPENED_IN_30_DAYS)} people outside of answer windows within 30 days, with templates of high ` +
        `quality: ${people(opened.in30Days)} of ${people(OPENED_IN_30_DAYS)} were counted here.`;
    return { limit: next, needs: [verified, ...quality] };
  }
  const half = Math.ceil(limit / 2);
  const missing = half - opened.in7Days;
  const use =
    `Use half of the limit within 7 days: ${people(opened.in7Days)} of ${people(half)} people were counted here` +
    (missing > 0 ? '.' : ', which is enough; Meta raises the limit within 6 hours if the quality is fine.');
  return { limit: next, needs: [use, ...quality] };
}

function qualityNeed(accounts: readonly JsonObject[]): string[] {
  const low = accounts.filter((account) => asText(account['quality_rating'])?.toUpperCase() === 'RED');
  if (low.length === 0) return [];
  const names = low.map((account) => asText(account['display_phone_number']) ?? asText(account['id']) ?? 'a number');
  return [`Raise the quality of ${names.slice(0, 5).join(', ')}: it is RED.`];
}

function people(count: number): string {
  return count.toLocaleString('en-US');
}
