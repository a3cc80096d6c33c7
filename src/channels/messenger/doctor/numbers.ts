import type { JsonObject } from '../../../contract/index.js';
import { asObject, asObjects, asText } from '../../graph/index.js';
import type { GroupFound, NumberFound } from './findings.js';
import { doubtful, failed, fine, listed, named, reasonOf, skipped, type Verdict, WHERE } from './step.js';

type Read = readonly { readonly number: NumberFound; readonly node: JsonObject }[];

function readOf(groups: readonly GroupFound[]): Read {
  return groups.flatMap((group) =>
    group.numbers.flatMap((number) => (number.node.status === 'ok' ? [{ number, node: number.node.value }] : [])),
  );
}

/** Numbers that send, if not as well as they could. Meta: phone-numbers */
const LIMPING = new Set(['FLAGGED', 'RESTRICTED', 'RATE_LIMITED']);

/** The number is registered with the Cloud API: `CONNECTED` is what it takes to send and receive. */
export function judgeRegistered(groups: readonly GroupFound[]): Verdict {
  const unread = groups
    .flatMap((group) => group.numbers)
    .flatMap((number) => (number.node.status === 'ok' ? [] : [`${named(number)}: ${reasonOf(number.node)}`]));
  if (unread.length > 0) {
    const advice =
      'Run setup. If the number is still there, give the system user full control of its WhatsApp account.';
    return failed(`Meta does not show ${listed(unread)}`, advice, WHERE.systemUsers);
  }
  const numbers = readOf(groups).map(({ number, node }) => ({ number, node, status: asText(node['status']) ?? '' }));
  const off = numbers.filter(
    ({ status, node }) =>
      (status !== 'CONNECTED' && !LIMPING.has(status)) || node['platform_type'] === 'NOT_APPLICABLE',
  );
  if (off.length > 0) {
    const texts = off.map(({ number, node, status }) => {
      const isVerified = (asText(node['code_verification_status']) ?? 'VERIFIED') === 'VERIFIED';
      return `${named(number)} is ${status || 'of no status'}${isVerified ? '' : ', and its code was not confirmed'}`;
    });
    return failed(
      `Not registered with the Cloud API: ${listed(texts)}`,
      'Confirm the number by its code where that is missing, then register it with its six-digit PIN.',
      WHERE.numbers,
    );
  }
  const limping = numbers.filter(({ status }) => LIMPING.has(status));
  if (limping.length > 0) {
    const texts = limping.map(({ number, status }) => `${named(number)} is ${status}`);
    return doubtful(listed(texts), 'WhatsApp Manager says why, and until when.', WHERE.numbers);
  }
  return fine(`Registered: ${listed(numbers.map(({ number }) => named(number)))}.`);
}

const GOOD_NAMES = new Set(['APPROVED', 'AVAILABLE_WITHOUT_REVIEW']);
const BAD_NAMES = new Set(['DECLINED', 'EXPIRED']);

export function judgeDisplayName(groups: readonly GroupFound[]): Verdict {
  const names = readOf(groups).flatMap(({ number, node }) => {
    const status = asText(node['name_status']);
    return status === undefined ? [] : [{ text: `${named(number)}: ${status}`, status }];
  });
  if (names.length === 0) return skipped('Meta does not say how the display names are.');
  const advice = 'Choose a display name that follows Meta’s rules and ask for its review.';
  const bad = names.filter(({ status }) => BAD_NAMES.has(status));
  if (bad.length > 0) return failed(`Display names: ${listed(bad.map(({ text }) => text))}`, advice, WHERE.numbers);
  const open = names.filter(({ status }) => !GOOD_NAMES.has(status));
  if (open.length === 0) return fine('The display names are approved.');
  const wait = 'Wait for the review; until then fewer people can be written to, and 131037 may come back.';
  return doubtful(`Display names: ${listed(open.map(({ text }) => text))}`, wait, WHERE.numbers);
}

/** What Meta itself says about sending: its own pre-flight check. */
export function judgeHealth(groups: readonly GroupFound[]): Verdict {
  const told = readOf(groups).flatMap(({ number, node }) => {
    const health = asObject(node['health_status']);
    const can = asText(health?.['can_send_message']);
    return can === undefined ? [] : [{ can, text: `${named(number)}: ${can}${reasons(health)}` }];
  });
  if (told.length === 0) return skipped('Meta does not say whether the numbers may send.');
  const advice = 'Do what Meta proposes, or ask for a review.';
  const blocked = told.filter(({ can }) => can === 'BLOCKED');
  if (blocked.length > 0) return failed(listed(blocked.map(({ text }) => text)), advice, WHERE.numbers);
  const limited = told.filter(({ can }) => can !== 'AVAILABLE');
  if (limited.length > 0) return doubtful(listed(limited.map(({ text }) => text)), advice, WHERE.numbers);
  return fine('Meta lets the numbers send.');
}

function reasons(health: JsonObject | undefined): string {
  const texts = asObjects(health?.['entities']).flatMap((entity) =>
    asObjects(entity['errors']).flatMap((error) => {
      const parts = [asText(error['error_description']), asText(error['possible_solution'])];
      return parts.filter((part) => part !== undefined).join(' ') || [];
    }),
  );
  return texts.length > 0 ? ` (${listed(texts)})` : '';
}

/** Without one, nothing that costs money is sent (131042). */
export function judgePayment(groups: readonly GroupFound[]): Verdict {
  const refused = groups.flatMap((group) =>
    group.node.status === 'ok' ? [] : [`${named(group)}: ${reasonOf(group.node)}`],
  );
  const without = groups.filter(({ node }) => node.status === 'ok' && !node.value['primary_funding_id']);
  const advice = 'Add a payment method to the WhatsApp account.';
  if (without.length > 0) {
    const isForTests = without.every((group) =>
      readOf([group]).every(({ node }) => node['account_mode'] === 'SANDBOX'),
    );
    const text = `No payment method: ${listed(without.map(named))}. What costs money fails with 131042.`;
    return isForTests ? doubtful(text, advice, WHERE.payment) : failed(text, advice, WHERE.payment);
  }
  if (refused.length > 0) return skipped(`Meta does not say: ${listed(refused)}`);
  return fine('There is a payment method.');
}

/** How many people may be written to first in 24 hours; of the whole portfolio. */
export function judgeLimit(groups: readonly GroupFound[]): Verdict {
  const tiers = readOf(groups).flatMap(({ number, node }) => {
    const tier = asText(node['whatsapp_business_manager_messaging_limit']);
    return tier === undefined ? [] : [{ tier, text: `${named(number)}: ${tier}` }];
  });
  const advice = 'Verify the business, and send what people want: the limit grows by itself.';
  const unset = tiers.filter(({ tier }) => tier === 'TIER_NOT_SET');
  if (tiers.length === 0) return skipped('Meta does not say how many people may be written to first; 250 are assumed.');
  if (unset.length > 0) {
    const text = `No messaging limit is set yet, 250 people in 24 hours are assumed: ${listed(unset.map((item) => item.text))}`;
    return doubtful(text, advice, WHERE.security);
  }
  return fine(`Messaging limit: ${[...new Set(tiers.map(({ tier }) => tier))].join(', ')}.`);
}
