import type { CustomerMessage } from './customers.js';
import type { JsonObject } from './world.types.js';

const MEDIA = { id: '1003383421387256', sha256: 'SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI=' };
const QUOTED = 'wamid.HBgLMTQxMjU1NTA4MjkVAgASGBQ';
const AT = '1749416383';
const TEMPLATE = {
  message_template_id: 1689556908129832,
  message_template_name: 'order_update',
  message_template_language: 'en_US',
};

/** One example of every kind of message that a customer can send. Meta: webhooks/reference/messages */
export const MESSAGE_SAMPLES: Readonly<Record<string, CustomerMessage>> = {
  text: { type: 'text', text: { body: 'Does it come in another color?' } },
  image: { type: 'image', image: { ...MEDIA, mime_type: 'image/jpeg', caption: 'Look' } },
  video: { type: 'video', video: { ...MEDIA, mime_type: 'video/mp4' } },
  audio: { type: 'audio', audio: { ...MEDIA, mime_type: 'audio/ogg; codecs=opus', voice: true } },
  document: { type: 'document', document: { ...MEDIA, mime_type: 'application/pdf', filename: 'bill.pdf' } },
  sticker: { type: 'sticker', sticker: { ...MEDIA, mime_type: 'image/webp', animated: true } },
  location: { type: 'location', location: { latitude: 40.78, longitude: -73.95, name: 'Guggenheim Museum' } },
  contacts: { type: 'contacts', contacts: [{ name: { formatted_name: 'Ann Lee' }, phones: [{ phone: '+1 555' }] }] },
  button: { type: 'button', button: { payload: 'Unsubscribe', text: 'Unsubscribe' } },
  button_reply: {
    type: 'interactive',
    interactive: { type: 'button_reply', button_reply: { id: 'yes', title: 'Yes' } },
  },
  list_reply: { type: 'interactive', interactive: { type: 'list_reply', list_reply: { id: 'r1', title: 'Row' } } },
  nfm_reply: {
    type: 'interactive',
    interactive: { type: 'nfm_reply', nfm_reply: { name: 'flow', body: 'Sent', response_json: '{"flow_token":"t1"}' } },
  },
  call_permission_reply: {
    type: 'interactive',
    interactive: {
      type: 'call_permission_reply',
      call_permission_reply: { response: 'accept', response_source: 'user_action' },
    },
  },
  reaction: { type: 'reaction', reaction: { message_id: QUOTED, emoji: '👍' } },
  order: {
    type: 'order',
    order: {
      catalog_id: '194836987003835',
      product_items: [{ product_retailer_id: 'di9ozbzfi4', quantity: 2, item_price: 30, currency: 'USD' }],
    },
  },
  user_identity_changed: {
    type: 'system',
    system: { type: 'user_identity_changed', body: 'The security code changed' },
  },
  edit: {
    type: 'edit',
    edit: { original_message_id: QUOTED, message: { type: 'text', text: { body: 'I meant Tuesday' } } },
  },
  revoke: { type: 'revoke', revoke: { original_message_id: QUOTED } },
  unsupported: { type: 'unsupported', errors: [{ code: 131051, title: 'Message type unknown' }] },
};

/** Values of every other webhook field; those with `metadata` get it when they are sent. Meta: webhooks/reference */
export const FIELD_SAMPLES: Readonly<Record<string, JsonObject>> = {
  account_alerts: {
    entity_type: 'BUSINESS',
    entity_id: '2729063490586005',
    alert_info: {
      alert_severity: 'WARNING',
      alert_status: 'ACTIVE',
      alert_type: 'OBA_REJECTED',
      alert_description: '…',
    },
  },
  account_review_update: { decision: 'APPROVED' },
  account_settings_update: { type: 'phone_number_settings', phone_number_settings: { calling: { status: 'ENABLED' } } },
  account_update: {
    event: 'DISABLED_UPDATE',
    ban_info: { waba_ban_state: 'DISABLE', waba_ban_date: 'January 2, 2026' },
  },
  automatic_events: { automatic_events: [{ id: QUOTED, event_name: 'LeadSubmitted', timestamp: 1749416383 }] },
  business_capability_update: { max_daily_conversations_per_business: 'TIER_2K', max_phone_numbers_per_business: 20 },
  business_status_update: { business_id: '2729063490586005', event: 'COMPROMISED_NOTIFICATION' },
  business_username_updates: { display_phone_number: '15550783881', username: 'luckyshrub', status: 'approved' },
  calls: {
    calls: [{ id: 'wacid.1', from: '16505551234', event: 'connect', timestamp: AT, direction: 'USER_INITIATED' }],
  },
  consumer_profile: { profiles: [{ wa_id: '16505551234' }] },
  flows: { event: 'FLOW_STATUS_CHANGE', flow_id: '6627390910605886', old_status: 'DRAFT', new_status: 'PUBLISHED' },
  group_lifecycle_update: { groups: [{ timestamp: AT, group_id: 'g1', type: 'group_create', request_id: 'r1' }] },
  group_participants_update: { groups: [{ timestamp: AT, group_id: 'g1', type: 'group_participants_add' }] },
  group_settings_update: { groups: [{ timestamp: AT, group_id: 'g1', group_subject: { text: 'New' } }] },
  group_status_update: { groups: [{ timestamp: AT, group_id: 'g1', type: 'group_suspend' }] },
  history: {
    history: [{ metadata: { phase: 0, chunk_order: 1, progress: 55 }, threads: [{ id: '16505551234', messages: [] }] }],
  },
  message_template_components_update: { ...TEMPLATE, message_template_element: 'Your order {{1}} is on its way.' },
  message_template_quality_update: { ...TEMPLATE, previous_quality_score: 'GREEN', new_quality_score: 'YELLOW' },
  message_template_status_update: {
    ...TEMPLATE,
    event: 'APPROVED',
    reason: null,
    message_template_category: 'UTILITY',
  },
  partner_solutions: { event: 'SOLUTION_UPDATED', solution_id: '774485461512159', solution_status: 'ACTIVE' },
  payment_configuration_update: { configuration_name: 'upi', provider_name: 'razorpay', status: 'Active' },
  phone_number_name_update: {
    display_phone_number: '15550783881',
    decision: 'APPROVED',
    requested_verified_name: 'Acme',
  },
  phone_number_quality_update: { display_phone_number: '15550783881', event: 'THROUGHPUT_UPGRADE' },
  security: { display_phone_number: '15550783881', event: 'PIN_CHANGED' },
  smb_app_state_sync: { state_sync: [{ type: 'contact', contact: { phone_number: '16505551235' }, action: 'add' }] },
  template_category_update: { ...TEMPLATE, previous_category: 'UTILITY', new_category: 'MARKETING' },
  template_correct_category_detection: { ...TEMPLATE, category: 'UTILITY', correct_category: 'MARKETING' },
  tracking_events: { events: [{ event_name: 'click', tracking: { click_id: 'c1' } }] },
  user_preferences: {
    user_preferences: [
      { wa_id: '16505551234', category: 'marketing_messages', value: 'stop', detail: 'stopped', timestamp: 1749416383 },
    ],
  },
};
