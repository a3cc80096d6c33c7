/**
 * The webhook fields of object `whatsapp_business_account`, as the App Dashboard lists them (Graph v25.0) and as
 * webhooks/override names them. They are what the app's callback is registered for, and what tells a field that we do not use
 * yet from one that Meta has added since.
 */
export const WEBHOOK_FIELDS: readonly string[] = [
  'account_alerts',
  'account_review_update',
  'account_settings_update',
  'account_update',
  'automatic_events',
  'business_capability_update',
  'business_status_update',
  'business_username_updates',
  'calls',
  'flows',
  'group_lifecycle_update',
  'group_participants_update',
  'group_settings_update',
  'group_status_update',
  'history',
  'message_echoes',
  'message_template_components_update',
  'message_template_quality_update',
  'message_template_status_update',
  'messages',
  'messaging_handovers',
  'partner_solutions',
  'payment_configuration_update',
  'phone_number_name_update',
  'phone_number_quality_update',
  'security',
  'smb_app_state_sync',
  'smb_message_echoes',
  'standby',
  'template_category_update',
  'template_correct_category_detection',
  'tracking_events',
  'user_preferences',
];

/** Named by webhooks/override, but not offered by every dashboard: an app may be refused it. */
export const UNLISTED_FIELDS: readonly string[] = ['consumer_profile'];

/** Spelled in the singular by the example on Meta's own page. */
const OTHER_SPELLINGS = ['business_username_update'];

/** Echoes of what others write on a number → who they are. Meta: webhooks/reference/smb_message_echoes */
export const ECHO_FIELDS: ReadonlyMap<string, 'app' | 'integration'> = new Map([
  ['smb_message_echoes', 'app'],
  ['message_echoes', 'integration'],
]);

/** Fields that come in large values → the list in them that is counted; what is not listed counts as one. */
export const COUNTED_LISTS: ReadonlyMap<string, string> = new Map([
  ['automatic_events', 'automatic_events'],
  ['calls', 'calls'],
  ['group_lifecycle_update', 'groups'],
  ['group_participants_update', 'groups'],
  ['group_settings_update', 'groups'],
  ['group_status_update', 'groups'],
  ['history', 'history'],
  ['smb_app_state_sync', 'state_sync'],
  ['tracking_events', 'events'],
]);

const KNOWN = new Set([...WEBHOOK_FIELDS, ...UNLISTED_FIELDS, ...OTHER_SPELLINGS]);

export function isKnownField(field: string): boolean {
  return KNOWN.has(field);
}
