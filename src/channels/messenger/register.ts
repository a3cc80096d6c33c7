import type { CallOutcome, GatewayCall, JsonObject } from '../../contract/index.js';
import { asText, graphClient, readAll } from '../graph/index.js';
import { APP_WEBHOOKS } from './app-webhooks.js';

type Registered = CallOutcome<{ readonly warning?: string }>;

/**
 * Makes the shared callback the app's own (Meta: webhooks/create-webhook-endpoint, `/{app}/subscriptions`): account and template
 * fields, and everything about pages, are never sent to an override. Another owner's callback is left as it is. Whatever goes wrong here is a
 * warning: the subscription of the accounts, which is what was asked for, does not hang on it.
 */
export async function register(call: GatewayCall, channel: string): Promise<Registered> {
  const webhook = APP_WEBHOOKS.get(channel);
  if (!webhook) return ok();
  const { client_id: id, client_secret: secret, verify_token: verifyToken } = call.settings;
  const callbackUrl = call.sharedCallbackUrl;
  if (!id || !secret || !verifyToken || !callbackUrl || !/^https:\/\//i.test(call.publicUrl)) return ok();
  const graph = graphClient(call, `${id}|${secret}`);
  const path = `${encodeURIComponent(id)}/subscriptions`;

  const listed = await readAll(graph, path, {});
  if (listed.status !== 'ok') return warn(`The app's webhook could not be looked at: ${reasonOf(listed)}`);
  const theirs = listed.value
    .map((subscription) => callbackOf(subscription, webhook.object))
    .find((url) => url !== undefined && !isOurs(url, call.publicUrl));
  if (theirs !== undefined) {
    return warn(`The app's webhook belongs to ${theirs} and was left as it is: ${webhook.carries}.`);
  }

  const post = (fields: readonly string[]) => {
    const form = {
      object: webhook.object,
      callback_url: callbackUrl,
      verify_token: verifyToken,
      fields: fields.join(','),
    };
    return graph.call({ method: 'POST', path, form });
  };
  let answer = await post([...webhook.fields, ...webhook.more]);
  // one field that an app is not offered is refused with all the others
  if (answer.status === 'refused' && answer.remote.code === 100) answer = await post(webhook.fields);
  return answer.status === 'ok' ? ok() : warn(`Meta did not register the app's webhook: ${reasonOf(answer)}`);
}

function callbackOf(subscription: JsonObject, object: string): string | undefined {
  return subscription['object'] === object ? asText(subscription['callback_url']) : undefined;
}

function isOurs(url: string, publicUrl: string): boolean {
  return url.startsWith(`${publicUrl.replace(/\/+$/, '')}/`);
}

function reasonOf(outcome: Exclude<CallOutcome<unknown>, { status: 'ok' }>): string {
  return outcome.status === 'refused' ? outcome.remote.message : outcome.reason;
}

function ok(): Registered {
  return { status: 'ok', value: {} };
}

function warn(warning: string): Registered {
  return { status: 'ok', value: { warning } };
}
