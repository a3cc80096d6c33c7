import type { JsonObject } from '../../../contract/index.js';
import { asObjects, asText } from '../../graph/index.js';
import { WEBHOOK_FIELDS } from '../../whatsapp/fields.js';
import { callbacksOf, type Findings, type GroupFound, type NumberFound, ourSubscription } from './findings.js';
import { hasPagesOnly } from './page-findings.js';
import { doubtful, failed, fine, listed, named, reasonOf, skipped, type Verdict, WHERE } from './step.js';

const OBJECT = 'whatsapp_business_account';

/** Whose a callback is, seen from this gateway. */
export function ownerOf(url: string, { call }: Findings): 'us' | 'neighbour' | 'stranger' {
  if (url === call.callbackUrl || url === call.sharedCallbackUrl) return 'us';
  return url.startsWith(`${call.publicUrl.replace(/\/+$/, '')}/`) ? 'neighbour' : 'stranger';
}

export function describe(url: string, findings: Findings): string {
  return ownerOf(url, findings) === 'neighbour' ? `${url}, which is another gateway of this Patchbay` : url;
}

/** That the app gets this account's events at all. */
export function judgeSubscription(findings: Findings, groups: readonly GroupFound[]): Verdict {
  const { uri } = findings.call.gateway;
  const lost: string[] = [];
  const silent: string[] = [];
  for (const group of groups) {
    if (group.apps.status !== 'ok') silent.push(`${named(group)}: ${reasonOf(group.apps)}`);
    else if (!ourSubscription(findings, group.apps.value)) lost.push(named(group));
  }
  if (lost.length > 0) {
    return failed(
      `The app is not subscribed at Meta to ${listed(lost)}: nothing comes in.`,
      'Run subscribe; it is safe to repeat, and repairs this.',
      `GET /chat/${uri}?whatsapp=subscribe`,
    );
  }
  if (silent.length > 0) {
    const advice = 'Give the system user full control of these WhatsApp accounts.';
    return failed(`Not to be seen: ${listed(silent)}`, advice, WHERE.systemUsers);
  }
  return fine(`The app is subscribed to ${listed(groups.map(named))}.`);
}

export function judgeNumberOverride(findings: Findings, groups: readonly GroupFound[]): Verdict {
  const numbers = groups.flatMap((group) => group.numbers);
  const foreign = numbers.flatMap((number) => {
    const url = callbacksAt(number)?.number;
    return url !== undefined && ownerOf(url, findings) !== 'us'
      ? [`${named(number)} → ${describe(url, findings)}`]
      : [];
  });
  if (foreign.length > 0) {
    return failed(
      `Numbers have a callback of their own that leads elsewhere, which goes before all others: ${listed(foreign)}`,
      'Take it away where it was set, or with the token: POST /<phone number id> {"webhook_configuration": {"override_callback_uri": ""}}.',
      'Graph API; it is in no menu',
    );
  }
  const unread = numbers.filter((number) => number.node.status !== 'ok');
  if (unread.length > 0) return skipped(`Meta does not show ${listed(unread.map(named))} (step number).`);
  return fine('No number has a callback of its own that leads elsewhere.');
}

export function judgeAccountOverride(findings: Findings, groups: readonly GroupFound[]): Verdict {
  const foreign = groups.flatMap((group) => {
    const url = accountCallbackOf(findings, group);
    if (url === undefined || ownerOf(url, findings) === 'us') return [];
    const isOutdone = group.numbers.every((number) => isOurs(callbacksAt(number)?.number, findings));
    return isOutdone && group.numbers.length > 0 ? [] : [`${named(group)} → ${describe(url, findings)}`];
  });
  if (foreign.length > 0) {
    return failed(
      `Accounts have a callback that leads elsewhere, which goes before the app's: ${listed(foreign)}`,
      'If it is a former address of yours, or nobody needs it: POST /<WABA id>/subscribed_apps without a body takes it away; then run subscribe.',
      'Graph API; it is in no menu',
    );
  }
  return fine('No account has a callback that leads elsewhere.');
}

/** The app's own callback: where account and template events always go, and messages where nothing goes before it. */
export function judgeAppWebhook(findings: Findings, groups: readonly GroupFound[]): Verdict {
  const { subscriptions, call } = findings;
  if (hasPagesOnly(call))
    return skipped('Not looked at: no WhatsApp account is set up here; for pages see the step page_webhook.');
  const url = appCallbackOf(findings, groups);
  if (url !== undefined && ownerOf(url, findings) !== 'us') return judgeForeign(findings, groups, url);
  if (subscriptions === undefined) {
    return skipped('Not to be looked at without client_id and client_secret.');
  }
  if (subscriptions.status !== 'ok') {
    const reason = reasonOf(subscriptions);
    return skipped(`Not to be looked at with this client_id and client_secret (steps app_id, app_secret): ${reason}`);
  }
  const subscription = subscriptions.value.find((item) => item['object'] === OBJECT);
  const target = call.sharedCallbackUrl ?? call.callbackUrl;
  const set = `Set the Callback URL ${target} and the gateway's verify token there; with an https PUBLIC_URL, subscribe does it.`;
  if (subscription === undefined) {
    return failed(
      'The app has no webhook for WhatsApp: no field is selected, and nothing is sent.',
      set,
      WHERE.appWebhook,
    );
  }
  if (subscription['active'] === false) return failed('The webhook of the app is not active.', set, WHERE.appWebhook);
  const fields = fieldsOf(subscription);
  const missing = WEBHOOK_FIELDS.filter((field) => !fields.has(field));
  if (!fields.has('messages')) {
    const advice = 'Subscribe at least to the field messages.';
    return failed('The app has not selected the field messages: no message comes in.', advice, WHERE.appWebhook);
  }
  if (missing.length > 0) {
    const advice = 'Subscribe to them, or run subscribe with an https PUBLIC_URL: what they tell is not known here.';
    return doubtful(`Fields that the app has not selected: ${missing.join(', ')}.`, advice, WHERE.appWebhook);
  }
  return fine(`The webhook of the app is ${url}, with all fields.`);
}

function judgeForeign(findings: Findings, groups: readonly GroupFound[], url: string): Verdict {
  const advice =
    'If that is a former address of yours, set the new one there. If it is another system, use another app, or leave it: subscribe leads messages here all the same where PUBLIC_URL is https.';
  const owner = `The webhook of the app belongs to ${describe(url, findings)}`;
  const numbers = groups.flatMap((group) => group.numbers.map((number) => ({ group, number })));
  const affected = numbers.filter(({ group, number }) => {
    const own = callbacksAt(number)?.number ?? accountCallbackOf(findings, group);
    return own === undefined;
  });
  if (affected.length === 0 && numbers.length > 0) {
    return doubtful(`${owner}: template and account events go there.`, advice, WHERE.appWebhook);
  }
  return failed(`${owner}: everything goes there, messages too.`, advice, WHERE.appWebhook);
}

function appCallbackOf({ subscriptions }: Findings, groups: readonly GroupFound[]): string | undefined {
  const listedUrl =
    subscriptions?.status === 'ok'
      ? asText(subscriptions.value.find((item) => item['object'] === OBJECT)?.['callback_url'])
      : undefined;
  const seen = groups.flatMap((group) => group.numbers.flatMap((number) => callbacksAt(number)?.app ?? []));
  return listedUrl ?? seen[0];
}

function accountCallbackOf(findings: Findings, group: GroupFound): string | undefined {
  const ours = group.apps.status === 'ok' ? ourSubscription(findings, group.apps.value) : undefined;
  const seen = group.numbers.flatMap((number) => callbacksAt(number)?.account ?? []);
  return asText(ours?.['override_callback_uri']) ?? seen[0];
}

function callbacksAt({ node }: NumberFound): ReturnType<typeof callbacksOf> | undefined {
  return node.status === 'ok' ? callbacksOf(node.value) : undefined;
}

function isOurs(url: string | undefined, findings: Findings): boolean {
  return url !== undefined && ownerOf(url, findings) === 'us';
}

/** Graph lists fields as objects with a version, older versions as plain names. */
export function fieldsOf(subscription: JsonObject): ReadonlySet<string> {
  const fields = subscription['fields'];
  const plain = Array.isArray(fields) ? fields.flatMap((field) => asText(field) ?? []) : [];
  return new Set([...plain, ...asObjects(fields).flatMap((field) => asText(field['name']) ?? [])]);
}
