/**
 * What the payload files are read as, by their names; and what of them is in no event, with the reason. Both are reviewed by hand:
 * a payload that is added fails the tests until it is here.
 */

const ANN = { userId: '5000000001', username: 'annlee', name: 'Ann Lee' };
const ACCOUNT = { address: '7012345678', group: '7012345678' };
const AT = new Date('2026-11-26T00:00:00Z');
/** when the callback came: it has no time of its own */
const ARRIVED = new Date('2026-11-26T00:05:00Z');
const LUNCH = { userId: '-4000000001', name: 'Lunch' };
const LUNCHERS = { userId: '-1001234567890', name: 'Lunch', username: 'lunchers' };

const base = { type: 'message', account: ACCOUNT, occurredAt: AT, opensWindow: true };
const variables = { username: 'annlee' };
const said = (content: object, more: object = {}): object[] => [
  { ...base, providerId: '5000000001:77', sender: ANN, content, variables, ...more },
];
const inGroup = (content: object, more: object = {}): object[] => [
  { ...base, providerId: '-4000000001:77', sender: LUNCH, group: true, author: ANN, content, ...more },
];
const kept = (providerType: string, more: object = {}): object[] => said({ type: 'unsupported', providerType }, more);
const edited = (content: object): object[] => [
  {
    ...base,
    providerId: expect(/^update:9\d+$/),
    occurredAt: new Date('2026-11-26T00:00:30Z'),
    opensWindow: false,
    sender: ANN,
    content: { type: 'edit', messageId: '5000000001:77', content },
  },
];
const pressed = (id: string, content: object, more: object = {}): object[] => [
  {
    ...base,
    occurredAt: ARRIVED,
    providerId: `callback:${id}`,
    sender: ANN,
    content,
    variables,
    confirm: { callback_query_id: id },
    ...more,
  },
];
const thought = (content: object, more: object = {}): object[] => [
  { ...base, providerId: expect(/^update:9\d+$/), sender: ANN, content, ...more },
];
const reaction = (emoji: string, messageId = '5000000001:71') => ({ type: 'reaction', messageId, emoji });
const reach = (state: string, person: object, more: object = {}): object[] => [
  { type: 'reach', account: ACCOUNT, person, state, occurredAt: AT, ...more },
];
const counted = (kind: string): object[] => [{ type: 'unused', account: ACCOUNT, kind, count: 1 }];
const migrated: object[] = [
  {
    ...base,
    opensWindow: false,
    group: true,
    providerId: 'migrate:-4000000001:-1001234567890',
    sender: { userId: '-4000000001', name: 'Lunch' },
    moved: { userId: '-1001234567890' },
    content: {
      type: 'system',
      event: 'group_migrated',
      userId: '-1001234567890',
      previousUserId: '-4000000001',
    },
  },
];

/** Of a text that is only known by its form. */
function expect(form: RegExp): unknown {
  return {
    $$typeof: Symbol.for('jest.asymmetricMatcher'),
    asymmetricMatch: (given: unknown) => typeof given === 'string' && form.test(given),
    toString: () => String(form),
  };
}

export const EXPECTED: Readonly<Record<string, readonly object[]>> = {
  text: said({ type: 'text', text: 'Is it open?' }),
  start: said(
    { type: 'text', text: '/start spring-2026' },
    { variables: { ...variables, ref: 'spring-2026' }, referral: { source: 'deep_link', ref: 'spring-2026' } },
  ),
  'text-nameless': [
    {
      ...base,
      sender: { userId: '5000000002', name: 'Bob' },
      content: { type: 'text', text: 'hi' },
      variables: { username: '' },
    },
  ],
  'text-reply': said({ type: 'text', text: 'yes' }, { replyTo: { providerId: '5000000001:70' } }),
  'text-forwarded': said({ type: 'text', text: 'look' }, { forwarded: 'once' }),
  'text-forwarded-old': said({ type: 'text', text: 'look' }, { forwarded: 'once' }),
  photo: said({
    type: 'image',
    caption: 'A cat',
    media: { id: 'AgACAgIAAxkBAAIBlarge', mimeType: 'image/jpeg', size: 88000 },
  }),
  document: said({
    type: 'document',
    caption: 'Menu',
    media: { id: 'BQACdoc', mimeType: 'application/pdf', filename: 'menu.pdf', size: 4321 },
  }),
  video: said({ type: 'video', media: { id: 'BAACvid', mimeType: 'video/mp4', filename: 'a.mp4' } }),
  animation: said({ type: 'video', animated: true, media: { id: 'CgACani', mimeType: 'video/mp4' } }),
  'video-note': said({ type: 'video', media: { id: 'DQACnote', mimeType: 'video/mp4' } }),
  voice: said({ type: 'audio', voice: true, media: { id: 'AwACvoice', mimeType: 'audio/ogg' } }),
  audio: said({ type: 'audio', media: { id: 'CQACaud', mimeType: 'audio/mpeg', filename: 'song.mp3' } }),
  sticker: said({ type: 'sticker', media: { id: 'CAACst', mimeType: 'image/webp' } }),
  'sticker-animated': said({ type: 'sticker', animated: true, media: { mimeType: 'application/x-tgsticker' } }),
  'sticker-video': said({ type: 'sticker', animated: true, media: { mimeType: 'video/webm' } }),
  location: said({ type: 'location', latitude: 50.45, longitude: 30.52 }),
  venue: said({ type: 'location', latitude: 50.45, longitude: 30.52, name: 'Office', address: 'Main St 1' }),
  contact: said({
    type: 'contacts',
    contacts: [
      {
        name: { formatted_name: 'Cid Ray', first_name: 'Cid', last_name: 'Ray' },
        phones: [{ phone: '+16505551234', user_id: '5000000003' }],
        vcard: 'BEGIN:VCARD',
      },
    ],
  }),
  'contact-bare': said({
    type: 'contacts',
    contacts: [{ name: { formatted_name: 'Cid' }, phones: [{ phone: '16505551234' }] }],
  }),
  poll: kept('poll'),
  dice: kept('dice'),
  hologram: kept('hologram', { attention: 'type.unknown' }),
  'group-text': inGroup({ type: 'text', text: 'who is in?' }),
  'group-anonymous': [
    {
      ...base,
      providerId: '-1001234567890:77',
      sender: LUNCHERS,
      group: true,
      author: { userId: '1087968824', username: 'GroupAnonymousBot' },
      content: { type: 'text', text: 'note' },
    },
  ],
  'group-member': inGroup(
    { type: 'system', event: 'new_chat_members', new_chat_members: [{ id: 5000000002 }] },
    { opensWindow: false },
  ),
  'group-title': inGroup(
    { type: 'system', event: 'new_chat_title', new_chat_title: 'Dinner' },
    { opensWindow: false, sender: { userId: '-4000000001', name: 'Dinner' } },
  ),
  'migrate-to': migrated,
  'migrate-from': migrated,

  edited: edited({ type: 'text', text: 'Is it open on Sunday?' }),
  'edited-caption': edited({ type: 'image', caption: 'Two cats', media: { id: 'AgACAgIAAxkBAAIBlarge' } }),
  'edited-live-location': edited({ type: 'location', latitude: 50.46, longitude: 30.53 }),

  callback: pressed(
    '4382bfdwdsb323b2d9',
    { type: 'choice', id: 'yes', title: 'Yes please', of: 'button' },
    { replyTo: { providerId: '5000000001:71' } },
  ),
  'callback-old': pressed('4382bfdwdsb323b2d8', { type: 'choice', id: 'maybe', title: 'maybe', of: 'button' }),
  'callback-inline': pressed('4382bfdwdsb323b2d7', { type: 'choice', id: 'x', title: 'x', of: 'button' }),
  'callback-game': pressed('4382bfdwdsb323b2d6', { type: 'unsupported', providerType: 'callback_query' }),
  'callback-group': [
    {
      ...base,
      occurredAt: ARRIVED,
      providerId: 'callback:4382bfdwdsb323b2d5',
      sender: LUNCH,
      group: true,
      author: ANN,
      content: { type: 'choice', id: 'yes' },
      replyTo: { providerId: '-4000000001:71' },
    },
  ],

  reaction: thought(reaction('👍')),
  'reaction-changed': thought(reaction('🔥')),
  'reaction-removed': thought(reaction('')),
  'reaction-custom': thought({ type: 'unsupported', providerType: 'message_reaction' }),
  'reaction-group': thought(reaction('👍', '-1001234567890:71'), { sender: LUNCHERS, author: ANN, group: true }),
  'reaction-anonymous': thought(reaction('👍', '-1001234567890:71'), { sender: LUNCHERS, author: LUNCHERS }),

  blocked: reach('lost', ANN),
  unblocked: reach('back', ANN),
  'group-joined': reach('back', LUNCH, { group: true }),
  'group-kicked': reach('lost', LUNCH, { group: true }),
  'group-restricted-out': reach('lost', LUNCHERS, { group: true }),
  'channel-added': counted('my_chat_member'),

  'update-channel-post': counted('channel_post'),
  'update-edited-channel-post': counted('edited_channel_post'),
  'update-business-connection': counted('business_connection'),
  'update-business-message': counted('business_message'),
  'update-edited-business-message': counted('edited_business_message'),
  'update-deleted-business-messages': counted('deleted_business_messages'),
  'update-message-reaction-count': counted('message_reaction_count'),
  'update-inline-query': counted('inline_query'),
  'update-chosen-inline-result': counted('chosen_inline_result'),
  'update-shipping-query': counted('shipping_query'),
  'update-pre-checkout-query': counted('pre_checkout_query'),
  'update-purchased-paid-media': counted('purchased_paid_media'),
  'update-poll': counted('poll'),
  'update-poll-answer': counted('poll_answer'),
  'update-chat-member': counted('chat_member'),
  'update-chat-join-request': counted('chat_join_request'),
  'update-chat-boost': counted('chat_boost'),
  'update-removed-chat-boost': counted('removed_chat_boost'),
  'update-new': [{ type: 'unhandled', code: 'type.unknown', account: ACCOUNT }],
};

/**
 * Places (payload, kind and members, without the places in lists) whose leaves are in no event, and why that is right: of a payload,
 * `migrate-to/message.from.id`, or of all, `message.from.id`.
 */
export const LEFT_OUT: readonly (readonly [where: RegExp, why: string])[] = [
  [
    /^(channel_post|edited_channel_post|\w*business\w*|message_reaction_count|inline_query|chosen_inline_result|shipping_query|pre_checkout_query|purchased_paid_media|poll|poll_answer|chat_member|chat_join_request|chat_boost|removed_chat_boost)\./,
    'not used: counted, and the journal keeps the bytes',
  ],
  [/\.is_bot$/, 'who writes to a bot is a person, or known by name'],
  [/\.language_code$/, 'the language of a phone is not that of its owner'],
  [/\.(actor_)?chat\.type$/, 'is `group`, or is not'],
  [/\.first_name$|\.last_name$/, 'stand in the name together'],
  [/\.(caption_)?entities\./, 'formatting: the text is there as it reads'],
  [/\.forward_(origin|from|date)\b/, 'that it was forwarded is told; whose it was first is not ours to keep'],
  [/\.reply_to_message\./, 'the quoted message is on record under its id'],
  [/\.media_group_id$/, 'each file of an album is a message of its own'],
  [/\.(photo|thumbnail)\./, 'smaller sizes of the same picture'],
  [/\.file_unique_id$/, 'cannot be used to get the file'],
  [/\.(width|height|length|duration)$/, 'the file itself says so'],
  [/\.audio\.(performer|title)$/, 'the file itself says so'],
  [/\.sticker\.(type|emoji|set_name|is_animated|is_video)$/, 'the type of the file says whether it moves'],
  [/\.venue\.foursquare_id$/, 'another network’s id of the place'],
  [/\.location\.(live_period|heading)$/, 'each step of a live location is an edit with the new place'],
  [/^edited_message\.date$/, 'the message is on record with its time; the edit has one of its own'],
  [/^callback_query\.message\./, 'the message with the button is on record under its id'],
  [/^callback_query\.chat_instance$/, 'for games'],
  [/^callback_query\.inline_message_id$/, 'bots here send no inline messages'],
  [/^message_reaction\.old_reaction\./, 'what stands now is told'],
  [/^message_reaction\.new_reaction\.type$/, 'an emoji, where it is told as one'],
  [/^message_reaction\.new_reaction\.emoji$/, 'the newest one is told'],
  [/^my_chat_member\.(from|old_chat_member|new_chat_member)\./, 'is whether the person can be reached'],
  [/^my_chat_member\.(chat|date)\b/, 'of a channel: no conversation'],
  [/^migrate-\w+\/message\.(from|chat|message_id)\b/, 'both notices are one event about the group'],
  [/^message\.sender_chat\./, 'an administrator without a name: the group itself'],
];
