import type { JsonObject } from '../../../contract/index.js';
import { asText } from '../../graph/index.js';
import { APP_WEBHOOKS, type AppWebhook } from '../app-webhooks.js';
import { describe, fieldsOf, ownerOf } from './callbacks.js';
import type { Findings } from './findings.js';
import { PAGE_CHANNELS, pageUsesOf } from './page-findings.js';
import { doubtful, failed, fine, reasonOf, skipped, type Verdict, WHERE } from './step.js';

/** Everything about pages comes to the callback of the app, to no other: one object for pages, one for their Instagram accounts. */
export function judgePageWebhook(findings: Findings): Verdict {
  const { call, subscriptions } = findings;
  const uses = pageUsesOf(call);
  if (uses.length === 0) return skipped('Not looked at: no page is set up here (step pages).');
  if (subscriptions === undefined) {
    const detail =
      'client_id and client_secret are not both set: the callback of the app can neither be registered nor looked at.';
    return failed(detail, 'Save them; then run subscribe.', WHERE.appBasic);
  }
  if (subscriptions.status !== 'ok') {
    const reason = reasonOf(subscriptions);
    return skipped(`Not to be looked at with this client_id and client_secret (steps app_id, app_secret): ${reason}`);
  }
  const wanted = PAGE_CHANNELS.filter((channel) => uses.some((use) => use.channel === channel));
  const judged = wanted.flatMap((channel) => {
    const webhook = APP_WEBHOOKS.get(channel);
    if (!webhook) return [];
    return [
      judgeObject(
        findings,
        webhook,
        subscriptions.value.find((item) => item['object'] === webhook.object),
      ),
    ];
  });
  const target = call.sharedCallbackUrl ?? call.callbackUrl;
  const set = `Set the Callback URL ${target} and the gateway's verify token there, with all fields; with an https PUBLIC_URL, subscribe does it.`;
  const of = (status: Found['status']) => judged.flatMap((one) => (one.status === status ? one.detail : []));
  if (of('failed').length > 0) return failed(of('failed').join(' '), set, WHERE.webhooks);
  if (of('warning').length > 0) return doubtful(of('warning').join(' '), set, WHERE.webhooks);
  return fine(of('ok').join(' '));
}

interface Found {
  readonly status: 'ok' | 'warning' | 'failed';
  readonly detail: string;
}

function judgeObject(
  findings: Findings,
  { object, fields, carries }: AppWebhook,
  found: JsonObject | undefined,
): Found {
  if (!found) return { status: 'failed', detail: `The app has no webhook for the object ${object}: nothing is sent.` };
  const url = asText(found['callback_url']) ?? '';
  if (ownerOf(url, findings) !== 'us') {
    const owner = `The webhook of the app for the object ${object} belongs to ${describe(url, findings)}`;
    return { status: 'failed', detail: `${owner}: ${carries}.` };
  }
  if (found['active'] === false) {
    return { status: 'failed', detail: `The webhook of the app for the object ${object} is not active.` };
  }
  const selected = fieldsOf(found);
  const missing = fields.filter((field) => !selected.has(field));
  if (missing.length === 0)
    return { status: 'ok', detail: `The webhook of the app for ${object} is ${url}, with all fields.` };
  const detail = `Fields of the object ${object} that the app has not selected: ${missing.join(', ')}.`;
  return missing.includes('messages')
    ? { status: 'failed', detail: `${detail} Without messages, nothing that people write comes in.` }
    : { status: 'warning', detail };
}
