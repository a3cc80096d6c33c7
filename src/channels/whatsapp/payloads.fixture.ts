/**
 * What the payload files are read as, by their names; and what of them is in no event, with the reason. Both are reviewed by hand:
 * a payload that is added fails the tests until it is here.
 */

const SHEENA = { phone: '16505551234', userId: 'US.13491208655302741918' };
const NEW_ID = 'US.20000000000000000002';
const QUOTED = 'wamid.HBgLMTQxMjU1NTA4MjkVAgASGBQ';
const GROUP = '102290129340398';
const PHONE = '15550783881';
const ADDRESS = '106540352242922';

const said = (content: object, more: object = {}): object[] => [
  { type: 'message', sender: SHEENA, opensWindow: true, content, ...more },
];
const kept = (providerType: string, more: object = {}): object[] => said({ type: 'unsupported', providerType }, more);
const notice = (content: object, more: object = {}): object[] =>
  said({ type: 'system', ...content }, { opensWindow: false, ...more });
const receipt = (status: string, more: object = {}): object[] => [{ type: 'receipt', status, ...more }];
const counted = (kind: string): object[] => [{ type: 'unused', kind, count: 1 }];
const template = (more: object): object[] => [{ type: 'template', group: GROUP, language: 'en_US', ...more }];
const ofNumber = (topic: string, event: string, more: object = {}): object => ({
  type: 'account',
  topic,
  event,
  group: GROUP,
  phone: PHONE,
  news: {},
  ...more,
});
const ofGroup = (topic: string, event: string, more: object = {}): object => ({
  type: 'account',
  topic,
  event,
  group: GROUP,
  news: { key: `${topic}:${event}` },
  ...more,
});
const update = (event: string, more: object = {}): object[] => [ofGroup('account_update', event, more)];
const limit = (name: string, most: number | null): object => ({
  type: 'account',
  limit: { name, limit: most },
  details: { whatsapp_business_manager_messaging_limit: name },
});
const echo = (content: object, more: object = {}): object[] => [
  { type: 'echo', by: 'app', recipient: SHEENA, content, ...more },
];

export const EXPECTED: Readonly<Record<string, readonly object[]>> = {
  // what people write
  text: said({ type: 'text', text: 'Does it come in another color?' }),
  'text-about-product': said(
    { type: 'text' },
    { product: { catalog_id: '194836987003835', product_retailer_id: 'di9ozbzfi4' }, replyTo: { providerId: QUOTED } },
  ),
  'text-parent-ids': said({ type: 'text' }, { sender: { ...SHEENA, username: 'sheena.n' } }),
  'text-reply-from-ad': said({ type: 'text' }, { referral: { source_type: 'ad' }, replyTo: { providerId: QUOTED } }),
  'text-username-only': [{ type: 'message', sender: { userId: SHEENA.userId, username: 'sheena.n' } }],
  image: said({ type: 'image', caption: 'Taj Mahal', media: { mimeType: 'image/jpeg' } }),
  video: said({ type: 'video', caption: 'The waterfall', media: { mimeType: 'video/mp4' } }, { forwarded: 'once' }),
  audio: said({ type: 'audio', media: { mimeType: 'audio/mpeg' } }),
  'audio-voice': said({ type: 'audio', voice: true }),
  document: said({ type: 'document', media: { filename: 'agreement.pdf' } }, { forwarded: 'once' }),
  sticker: said({ type: 'sticker', animated: true }, { forwarded: 'often' }),
  location: said({ type: 'location', latitude: 40.782910059774, longitude: -73.959075808525 }),
  contacts: said({ type: 'contacts', contacts: [{ name: { formatted_name: 'Barbara J. Johnson' } }] }),
  'contacts-request-answer': said({ type: 'contacts', contacts: [{ origin: 'contact_request' }] }),
  'contacts-request-answer-message': said({ type: 'contacts', contacts: [{ origin: 'contact_request' }] }),
  button: said({ type: 'choice', id: 'Unsubscribe', of: 'template' }),
  'interactive-button-reply': said({ type: 'choice', id: 'cancel-button', of: 'button' }),
  'interactive-list-reply': said({ type: 'choice', id: 'priority_express', of: 'list' }),
  'interactive-flow-reply': said({
    type: 'form',
    name: 'flow',
    body: 'Sent',
    data: { flow_token: 't1', date: '2026-11-21' },
    raw: '{"flow_token":"t1","date":"2026-11-21"}',
  }),
  'interactive-flow-broken': said({ type: 'form', data: null, raw: '{"flow_token":' }),
  'interactive-address-reply': said({ type: 'form', name: 'address_message', data: { values: { city: 'Mumbai' } } }),
  'interactive-call-permission': kept('interactive'),
  reaction: said({ type: 'reaction', messageId: QUOTED, emoji: '👍' }),
  'reaction-removed': said({ type: 'reaction', messageId: QUOTED, emoji: '' }),
  order: said({ type: 'order', catalog_id: '194836987003835', product_items: [{ quantity: 2, item_price: 30 }] }),
  edit: said(
    { type: 'edit', messageId: QUOTED, content: { type: 'text', text: 'I meant Tuesday' } },
    { opensWindow: false },
  ),
  'edit-caption': said(
    { type: 'edit', messageId: QUOTED, content: { type: 'image', caption: 'Taj Mahal, at dawn' } },
    { opensWindow: false },
  ),
  revoke: said({ type: 'revoke', messageId: QUOTED }, { opensWindow: false }),
  unsupported: kept('unsupported'),
  'unknown-legacy': kept('unknown'),
  'request-welcome': kept('request_welcome'),
  'group-message': kept('group', { opensWindow: false }),
  'account-model': [
    ...said({ type: 'text' }),
    {
      type: 'account',
      topic: 'account_model',
      address: ADDRESS,
      news: { value: { messaging_account_id: GROUP, waac_id: '556677889900' } },
    },
  ],

  // what the network says of people
  system: notice({ event: 'user_changed_number', phone: '12195555358' }, { moved: { phone: '12195555358' } }),
  'system-number-and-id': notice(
    { event: 'user_changed_number', phone: '12195555358', previousPhone: '16505551234', userId: NEW_ID },
    { moved: { phone: '12195555358', userId: NEW_ID } },
  ),
  'system-number-legacy': notice(
    { event: 'user_changed_number' },
    { sender: { phone: '16505551234' }, moved: { phone: '12195555358' } },
  ),
  'system-user-id': notice(
    { event: 'user_changed_user_id', userId: NEW_ID, previousUserId: SHEENA.userId },
    { sender: { userId: SHEENA.userId, username: 'sheena.n' }, moved: { userId: NEW_ID } },
  ),
  'system-identity': notice({ event: 'user_identity_changed', identity: { acknowledged: true } }),
  'user-preferences': [{ type: 'consent', topic: 'marketing', state: 'out' }],
  'user-preferences-resume': [{ type: 'consent', topic: 'marketing', state: 'in', person: SHEENA }],

  // who answers
  'echo-text': echo({ type: 'text', text: 'We open at nine' }, { replyTo: { providerId: 'wamid.HBgLQUOTED' } }),
  'echo-image': echo({ type: 'image', caption: 'Our shop' }),
  'echo-edit': echo({ type: 'edit', content: { type: 'text', text: 'We open at ten' } }),
  'echo-revoke': echo({ type: 'revoke', messageId: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI=' }),
  'echo-integration': echo({ type: 'unsupported', providerType: 'template' }, { by: 'integration' }),
  standby: said({ type: 'text', text: 'Are you there?' }, { standby: true }),
  'handover-taken': notice({ event: 'control_taken', owner: 'other' }, { handover: 'other' }),
  'handover-passed': notice({ event: 'control_passed', owner: 'us' }, { handover: 'us' }),
  'handover-example': notice(
    { event: 'control_passed', owner: 'us' },
    { handover: 'us', sender: { phone: '16505551234' } },
  ),

  // what became of messages
  'status-sent': receipt('sent', { price: { category: 'marketing', type: 'regular', model: 'PMP' } }),
  'status-sent-entry-point': receipt('sent', { price: { category: 'referral_conversion', type: 'free_entry_point' } }),
  'status-delivered': receipt('delivered', { price: { category: 'service', type: 'free_customer_service' } }),
  'status-read': receipt('read', { recipient: SHEENA }),
  'status-played': receipt('played'),
  'status-failed': receipt('failed', { error: { code: 131049 } }),
  'status-group': receipt('read', { participant: '16505551234' }),
  'status-warning': receipt('warning'),
  'value-errors': [{ type: 'unhandled', code: 'provider.error' }],

  // templates
  'template-status': template({ status: 'PAUSED', reason: 'FIRST_PAUSE', category: 'UTILITY' }),
  'template-quality': template({ quality: 'YELLOW' }),
  'template-category': template({ category: 'MARKETING' }),
  'template-category-notice': template({ notice: { category: 'MARKETING' } }),
  'template-correct-category': template({ notice: { category: 'MARKETING' } }),
  'template-components': template({ definition: true }),

  // numbers
  'number-throughput': [ofNumber('phone_number_quality_update', 'THROUGHPUT_UPGRADE')],
  'number-limit': [ofNumber('phone_number_quality_update', 'ONBOARDING'), limit('TIER_2K', 2000)],
  'number-name': [
    ofNumber('phone_number_name_update', 'APPROVED', { name: 'Lucky Shrub', details: { name_status: 'APPROVED' } }),
  ],
  'number-name-rejected': [
    ofNumber('phone_number_name_update', 'REJECTED', { details: { new_name_status: 'DECLINED' } }),
  ],
  security: [ofNumber('security', 'PIN_RESET_REQUEST')],
  'business-username': [ofNumber('business_username_updates', 'APPROVED', { details: { username: 'luckyshrub' } })],
  'business-username-deleted': [ofNumber('business_username_updates', 'DELETED', { details: { username: null } })],
  'account-settings': [
    { type: 'account', topic: 'account_settings_update', event: 'PHONE_NUMBER_SETTINGS', address: ADDRESS },
  ],
  'alert-flat': [
    {
      type: 'account',
      topic: 'account_alerts',
      event: 'OBA_APPROVED',
      address: ADDRESS,
      news: { key: 'account_alerts:OBA_APPROVED' },
    },
  ],
  'account-offboarded': [ofNumber('account_update', 'ACCOUNT_OFFBOARDED', { details: { status: 'DISCONNECTED' } })],
  'account-reconnected': [ofNumber('account_update', 'ACCOUNT_RECONNECTED', { details: { status: 'CONNECTED' } })],
  'account-number-removed': [ofNumber('account_update', 'PHONE_NUMBER_REMOVED', { details: { status: 'DELETED' } })],

  // accounts
  alert: [ofGroup('account_alerts', 'INCREASED_CAPABILITIES_ELIGIBILITY_NEED_MORE_INFO')],
  'account-review': [
    {
      type: 'account',
      topic: 'account_review_update',
      event: 'APPROVED',
      groupDetails: { account_review_status: 'APPROVED' },
    },
  ],
  'business-capability': [{ ...limit('TIER_2K', 2000), topic: 'business_capability_update', news: {} }],
  'business-capability-old': [{ type: 'account', limit: { limit: null } }],
  'business-status': [
    { type: 'account', topic: 'business_status_update', event: 'COMPROMISED_NOTIFICATION', group: GROUP },
  ],
  'account-deleted': update('ACCOUNT_DELETED'),
  'account-restriction': update('ACCOUNT_RESTRICTION'),
  'account-violation': update('ACCOUNT_VIOLATION'),
  'account-disabled': update('DISABLED_UPDATE'),
  'account-ad-linked': update('AD_ACCOUNT_LINKED'),
  'account-auth-international': update('AUTH_INTL_PRICE_ELIGIBILITY_UPDATE'),
  'account-country': update('BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE', { groupDetails: { country: 'DE' } }),
  'account-mm-terms': update('MM_LITE_TERMS_SIGNED'),
  'account-partner-added': update('PARTNER_ADDED'),
  'account-partner-removed': update('PARTNER_REMOVED'),
  'account-partner-app-installed': update('PARTNER_APP_INSTALLED'),
  'account-partner-app-uninstalled': update('PARTNER_APP_UNINSTALLED'),
  'account-partner-certification': update('PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE'),
  'account-volume-tier': update('VOLUME_BASED_PRICING_TIER_UPDATE'),

  // what is only counted
  calls: counted('calls'),
  'calls-status': counted('calls'),
  history: counted('history'),
  'history-declined': counted('history'),
  'app-state-sync': counted('smb_app_state_sync'),
  'group-lifecycle-update': counted('group_lifecycle_update'),
  'group-participants-update': counted('group_participants_update'),
  'group-settings-update': counted('group_settings_update'),
  'group-status-update': counted('group_status_update'),
  flows: counted('flows'),
  'partner-solutions': counted('partner_solutions'),
  'payment-configuration': counted('payment_configuration_update'),
  'automatic-events': counted('automatic_events'),
  'tracking-events': counted('tracking_events'),
  'consumer-profile': counted('consumer_profile'),
  'user-actions': counted('user_actions'),
};

/** Places (field and members, without the places in lists) whose leaves are in no event, and why that is right. */
export const LEFT_OUT: readonly (readonly [where: RegExp, why: string])[] = [
  [
    /^(calls|history|smb_app_state_sync|group_\w+|flows|partner_solutions|payment_configuration_update|automatic_events|tracking_events|consumer_profile)\./,
    'out of scope: counted, and the journal keeps the bytes',
  ],
  [/^messages\.user_actions\./, 'clicks of the marketing API are counted'],
  [/\.messaging_product$/, 'always whatsapp'],
  [/\.display_phone_number$/, 'the account has it; news of a number carry it'],
  [/\.messages\.type$/, 'is the type of the content, or of the form or choice in it'],
  [/\.message_echoes\.type$/, 'the same'],
  [/\.interactive\.type$/, 'the same: choice and form'],
  [/\.edit\.message\.type$/, 'the same'],
  [/\.edit\.message\.context\./, 'what the edited message answers did not change'],
  [/\.context\.from$/, 'who wrote the quoted message is on record with it'],
  [/\.context\.(frequently_)?forwarded$/, 'is `forwarded`: once or often'],
  [/\.(voice|animated)$/, 'is told when it is so'],
  [
    /\.(parent_user_id|from_parent_user_id|to_parent_user_id)$/,
    'spans portfolios; a person is known here by the id of ours',
  ],
  [/\.contacts\.identity_key_hash$/, 'identity checks are not used'],
  [/\.message_echoes\.from$/, 'the number of the account itself'],
  [/^messages\.messages\.system\.type$/, 'older spellings become the newest'],
];
