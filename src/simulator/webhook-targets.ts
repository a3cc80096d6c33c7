import { createHmac } from 'node:crypto';
import { signatureOf } from './webhook-body.js';
import type { Update } from './webhook-update.js';
import type { World } from './world.js';

export interface Target {
  /** The app, or `360dialog`. */
  id: string;
  url: string;
  /** What proves the body to the receiver. */
  headersFor(body: Buffer): Record<string, string>;
}

/** The fields a callback override takes over; all others always go to the app's callback. Meta: webhooks/override */
const OVERRIDABLE: ReadonlySet<string> = new Set([
  'messages',
  'message_echoes',
  'calls',
  'consumer_profile',
  'messaging_handovers',
  'group_lifecycle_update',
  'group_participants_update',
  'group_settings_update',
  'group_status_update',
  'smb_message_echoes',
  'smb_app_state_sync',
  'history',
  'account_settings_update',
]);

/**
 * Where an update goes: every app that is subscribed to the WABA and selected the field, at its override for the number,
 * else for the WABA, else at its own callback. An app without a callback selected no fields; its overrides get them all, so
 * that a test can do without the app-level set-up. Numbers at 360dialog hear of it there too.
 */
export function targetsOf(world: World, update: Update): Target[] {
  const targets: Target[] = [];
  const waba = world.wabas.get(update.wabaId);
  for (const subscription of waba?.subscribedApps.values() ?? []) {
    const app = world.apps.get(subscription.appId);
    if (app === undefined || (app.callback !== undefined && !app.callback.fields.includes(update.field))) {
      continue;
    }
    const number = update.phoneNumberId === undefined ? undefined : world.phoneNumbers.get(update.phoneNumberId);
    const override = OVERRIDABLE.has(update.field)
      ? (number?.overrides.get(app.id) ?? subscription.override_callback_uri)
      : undefined;
    const url = override ?? app.callback?.url;
    if (url !== undefined) {
      const { id, secret } = app;
      targets.push({ id, url, headersFor: (body) => ({ 'x-hub-signature-256': signatureOf(body, secret) }) });
    }
  }
  return [...targets, ...dialog360TargetsOf(world, update)];
}

/** 360dialog forwards no signature of Meta's; what concerns the whole account goes to each of its numbers' webhooks, once. */
function dialog360TargetsOf(world: World, { wabaId, phoneNumberId }: Update): Target[] {
  const targets = new Map<string, Target>();
  for (const { phoneNumberId: id, webhook, signingSecret } of world.dialog360.values()) {
    const isMeant = phoneNumberId === undefined ? world.wabas.get(wabaId)?.phoneNumbers.has(id) : phoneNumberId === id;
    if (webhook === undefined || !isMeant) {
      continue;
    }
    const { url, headers } = webhook;
    const signed = (body: Buffer, secret: string): string => createHmac('sha256', secret).update(body).digest('hex');
    targets.set(url, {
      id: '360dialog',
      url,
      headersFor: (body) => ({
        ...headers,
        ...(signingSecret === undefined ? {} : { 'x-360dialog-signature': signed(body, signingSecret) }),
      }),
    });
  }
  return [...targets.values()];
}
