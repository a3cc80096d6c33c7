import type { Update } from './webhook-update.js';
import type { SimApp } from './world.types.js';
import type { World } from './world.js';

export interface Target {
  app: SimApp;
  url: string;
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
 * that a test can do without the app-level set-up.
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
      targets.push({ app, url });
    }
  }
  return targets;
}
