import { createHmac } from 'node:crypto';
import type { DoctorCall, DoctorFacet, DoctorStep, GatewayContext } from '../../../contract/index.js';
import { judgeAppId, judgeAppSecret, judgeScopes, judgeToken, tokenTrouble } from './access.js';
import { judgeAccountOverride, judgeAppWebhook, judgeNumberOverride, judgeSubscription } from './callbacks.js';
import { type Findings, gather, type GroupFound, isProofBad, MANAGEMENT } from './findings.js';
import { judgeDisplayName, judgeHealth, judgeLimit, judgePayment, judgeRegistered } from './numbers.js';
import { concernsPages, hasPagesOnly, pageUsesOf } from './page-findings.js';
import { judgePageWebhook } from './page-webhook.js';
import {
  judgeInstagram,
  judgePageNodes,
  judgePages,
  judgePageScopes,
  judgePageSubscriptions,
  judgePageTokens,
} from './pages.js';
import { doubtful, failed, fine, listed, named, skipped, type Verdict } from './step.js';

type Steps = readonly (readonly [id: string, title: string, judge: (found: Findings) => Verdict])[];

/** Every step, in the order in which a set-up is made. */
const STEPS: Steps = [
  ['token', 'Access token', judgeToken],
  ['scopes', 'Permissions of the token', judgeScopes],
  ['app_id', 'The token belongs to the app', judgeAppId],
  ['app_secret', 'App secret', judgeAppSecret],
  ['accounts', 'Accounts are found and active', judgeAccounts],
  ['app_webhook', 'Webhook of the app', (found) => judgeAppWebhook(found, found.groups ?? [])],
  ['subscription', 'The app is subscribed to the accounts', ofActive(judgeSubscription)],
  ['number_override', 'Callback of the numbers', ofActive(judgeNumberOverride)],
  ['account_override', 'Callback of the accounts', ofActive(judgeAccountOverride)],
  ['number', 'Numbers are registered', ofKnown(judgeRegistered)],
  ['display_name', 'Display names', ofKnown(judgeDisplayName)],
  ['health', 'Meta lets the numbers send', ofKnown(judgeHealth)],
  ['payment', 'Payment method', ofKnown(judgePayment)],
  ['messaging_limit', 'Messaging limit', ofKnown(judgeLimit)],
];

const PAGE_STEPS: Steps = [
  ['pages', 'Pages are found and active', judgePages],
  ['page_token', 'Tokens of the pages', judgePageTokens],
  ['page_scopes', 'Permissions of the pages’ tokens', judgePageScopes],
  ['page', 'Pages answer to their own tokens', judgePageNodes],
  ['instagram', 'Instagram accounts are linked', judgeInstagram],
  ['page_webhook', 'Webhook of the app for pages', judgePageWebhook],
  ['page_subscription', 'The app is subscribed to the pages', judgePageSubscriptions],
];

/** Proves the set-up at Meta. All is asked first, then judged by pure functions. */
export const doctor: DoctorFacet = {
  examine: async (call: DoctorCall): Promise<readonly DoctorStep[]> => judge(await gather(call)),
  handshake: ({ settings }, challenge) => ({
    'hub.mode': 'subscribe',
    'hub.challenge': challenge,
    'hub.verify_token': settings['verify_token'] ?? '',
  }),
  event,
};

/** A gateway that has nothing to do with pages is not told of them. */
export function judge(found: Findings): readonly DoctorStep[] {
  const steps = concernsPages(found.call) ? [...STEPS, ...PAGE_STEPS] : STEPS;
  return steps.map(([id, title, of]) => ({ id, title, ...of(found) }));
}

/** A body as Meta sends it, in which nothing happened. */
function event({ settings }: GatewayContext) {
  const secret = settings['client_secret'];
  if (!secret && settings['verify_signature'] !== 'off') return undefined;
  const body = Buffer.from('{"object":"whatsapp_business_account","entry":[]}');
  const signature = createHmac('sha256', secret ?? '')
    .update(body)
    .digest('hex');
  return { headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` }, body };
}

function judgeAccounts({ call }: Findings): Verdict {
  const groups = call.groups.filter(({ channel }) => channel === 'whatsapp');
  if (hasPagesOnly(call)) return skipped('Not looked at: no WhatsApp account is set up here; pages are (step pages).');
  const command = (operation: string) => `GET /chat/${call.gateway.uri}?whatsapp=${operation}`;
  if (groups.length === 0) {
    const advice = 'Run setup. If it finds nothing, assign the WhatsApp account to the system user.';
    return failed('No account is known yet.', advice, command('setup'));
  }
  const active = groups.flatMap(({ accounts }) => accounts.filter((account) => account.active));
  if (active.length === 0) {
    const detail = 'Accounts are known, but no number is active: their messages go to no bot.';
    const hasPages = pageUsesOf(call).some((page) => page.active);
    return hasPages
      ? doubtful(detail, 'Run subscribe.', command('subscribe'))
      : failed(detail, 'Run subscribe.', command('subscribe'));
  }
  return fine(`Active: ${listed(active.map(named))}.`);
}

/** For what is only true of accounts that are in use. */
function ofActive(judgeGroups: (found: Findings, groups: readonly GroupFound[]) => Verdict) {
  return (found: Findings): Verdict => {
    const isActive = found.groups === undefined || found.groups.some((group) => group.isActive);
    return isActive || found.groups?.length === 0
      ? ofKnown((groups) => judgeGroups(found, groups))(found)
      : skipped('Not looked at: no number is active (step accounts).');
  };
}

function ofKnown(judgeGroups: (groups: readonly GroupFound[]) => Verdict) {
  return (found: Findings): Verdict => {
    const trouble = troubleOf(found);
    return trouble === undefined ? judgeGroups(found.groups ?? []) : skipped(trouble);
  };
}

/** Why the accounts could not be looked at. */
function troubleOf(found: Findings): string | undefined {
  const trouble = isProofBad(found.proof)
    ? 'Not looked at: Meta refuses every call until the app secret is right (step app_secret).'
    : tokenTrouble(found);
  if (trouble !== undefined) return trouble;
  if (found.groups === undefined) return `Not looked at: it takes the permission ${MANAGEMENT} (step scopes).`;
  return found.groups.length === 0 ? 'Not looked at: no account is known (step accounts).' : undefined;
}
