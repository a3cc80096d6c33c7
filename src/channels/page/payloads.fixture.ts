/**
 * What the payload files are read as, by their names; and what of them is in no event, with the reason. Both are reviewed by hand:
 * a payload that is added fails the tests until it is here.
 */

const PERSON = { userId: '24400000000000001' };
const IG_PERSON = { userId: '990000000000001' };
const MID = 'm_FB0001';
const IG_MID = 'aWdfZG1faXRlbToxOklHMDAwMQ';
const QUOTED = 'm_FB0000';

/** By the table's id of what the gateway calls its own app. */
export const APP_ID = '1234567890';

const said = (content: object, more: object = {}): object[] => [
  { type: 'message', sender: PERSON, providerId: MID, opensWindow: true, content, ...more },
];
const notice = (content: object, more: object = {}): object[] => [
  { type: 'message', sender: PERSON, opensWindow: false, content, ...more },
];
const kept = (providerType: string, more: object = {}): object[] => said({ type: 'unsupported', providerType }, more);
const file = (type: string, url: string): object[] => said({ type, media: { url } });
const echo = (content: object, by: string, more: object = {}): object[] => [
  { type: 'echo', by, recipient: PERSON, providerId: MID, content, ...more },
];
const mark = (status: string, upTo: number): object => ({
  type: 'receipts',
  status,
  person: PERSON,
  upTo: new Date(upTo),
});
const onInstagram = (events: object[]): object[] =>
  events.map((event) => ({ ...event, ...('sender' in event && { sender: IG_PERSON }), providerId: IG_MID }));
/** The key is another one than the id of the message. */
const elsewhere = (events: object[]): object[] =>
  onInstagram(events).map((event) => Object.fromEntries(Object.entries(event).filter(([key]) => key !== 'providerId')));

export const EXPECTED: Readonly<Record<string, readonly object[]>> = {
  // what people write to pages
  'facebook-text': said({ type: 'text', text: 'Do you ship to Lviv?' }),
  'facebook-text-reply': said({ type: 'text', text: 'this one' }, { replyTo: { providerId: QUOTED } }),
  'facebook-text-from-ad': said(
    { type: 'text', text: 'hi' },
    { referral: { source: 'ADS', ad_id: '6045246247433' }, variables: { ref: 'spring' } },
  ),
  'facebook-quick-reply': said({ type: 'choice', id: 'color:blue', title: 'Blue', of: 'button' }),
  'facebook-image': file('image', 'https://scontent.fbcdn.net/v/cat.jpg'),
  'facebook-sticker': file('sticker', 'https://scontent.fbcdn.net/v/thumb.png'),
  'facebook-video': file('video', 'https://video.fbcdn.net/v/clip.mp4'),
  'facebook-audio': file('audio', 'https://cdn.fbsbx.com/v/voice.mp4'),
  'facebook-file': file('document', 'https://cdn.fbsbx.com/v/offer.pdf'),
  'facebook-text-with-images': [
    ...said({ type: 'text', text: 'both' }),
    ...said({ type: 'image', media: { url: 'https://scontent.fbcdn.net/v/1.jpg' } }, { providerId: `${MID}#1` }),
    ...said({ type: 'image', media: { url: 'https://scontent.fbcdn.net/v/2.jpg' } }, { providerId: `${MID}#2` }),
  ],
  'facebook-location': said({ type: 'location', latitude: 49.84, longitude: 24.03, name: 'Pinned' }),
  'facebook-link': said({ type: 'text', text: 'A page\nhttps://example.com/a' }),
  'facebook-link-in-text': said({ type: 'text', text: 'see https://example.com/b' }),
  'facebook-reel': kept('reel'),
  'facebook-template': kept('template'),
  'facebook-attachment-new': kept('hologram', { attention: 'type.unknown' }),
  'facebook-message-new': kept('poll', { attention: 'type.unknown' }),
  'facebook-unsupported': kept('unsupported'),
  'facebook-deleted': notice({ type: 'revoke', messageId: MID }, { providerId: `revoke.${MID}` }),

  // what they do
  'facebook-postback': said(
    { type: 'choice', id: 'START', title: 'Get started', of: 'button' },
    { providerId: 'm_FB0002', referral: { source: 'SHORTLINK' }, variables: { ref: 'flyer-7' } },
  ),
  'facebook-postback-old': said(
    { type: 'choice', id: 'MENU' },
    { providerId: 'postback.1790000000123.f8657e51d0a26b22' },
  ),
  'facebook-referral': [
    {
      type: 'message',
      opensWindow: true,
      content: { type: 'system', event: 'referral' },
      referral: { ref: 'shop-window' },
      variables: { ref: 'shop-window' },
    },
  ],
  'facebook-reaction': [
    { type: 'message', opensWindow: true, content: { type: 'reaction', messageId: QUOTED, emoji: '❤️' } },
  ],
  'facebook-reaction-named': [{ type: 'message', content: { type: 'reaction', messageId: QUOTED, emoji: '😮' } }],
  'facebook-reaction-removed': [{ type: 'message', content: { type: 'reaction', messageId: QUOTED, emoji: '' } }],
  'facebook-edit': notice(
    { type: 'edit', messageId: QUOTED, content: { type: 'text', text: 'I meant Kyiv' } },
    { providerId: `edit.${QUOTED}.1` },
  ),
  'facebook-delivery': [
    { type: 'receipt', providerId: 'm_FB0100', status: 'delivered' },
    { type: 'receipt', providerId: 'm_FB0101', status: 'delivered' },
    mark('delivered', 1_790_000_001_123),
  ],
  'facebook-delivery-bare': [mark('delivered', 1_790_000_001_123)],
  'facebook-read': [mark('read', 1_790_000_002_123)],
  'facebook-optin': [
    {
      type: 'message',
      opensWindow: true,
      content: { type: 'system', event: 'optin', kind: 'one_time', ref: 'newsletter' },
    },
  ],
  'facebook-optin-notifications': notice({ type: 'system', event: 'optin', kind: 'notification_messages' }),

  // who answers
  'facebook-handover-passed': notice(
    { type: 'system', event: 'pass_thread_control', owner: 'us', metadata: 'to the bot' },
    { handover: 'us' },
  ),
  'facebook-handover-passed-on': notice({ event: 'pass_thread_control', owner: 'other' }, { handover: 'other' }),
  'facebook-handover-taken': notice({ event: 'take_thread_control', owner: 'other' }, { handover: 'other' }),
  'facebook-handover-requested': notice({ event: 'request_thread_control', requestedBy: '555' }),
  'facebook-standby': said({ type: 'text', text: 'to the other app' }, { standby: true }),
  'facebook-echo-ours': [
    {
      type: 'receipt',
      status: 'sent',
      providerId: MID,
      attempt: 'pb.0a1b2c3d.0199c0de-0000-7000-8000-000000000001',
      recipient: PERSON,
    },
  ],
  'facebook-echo-human': echo({ type: 'text', text: 'a colleague here' }, 'app'),
  'facebook-echo-integration': echo({ type: 'text', text: 'from the crm' }, 'integration'),
  'facebook-echo-template': echo({ type: 'unsupported', providerType: 'template' }, 'integration'),

  // what makes no sense here
  'facebook-user-ref': [{ type: 'unhandled', code: 'item.broken' }],
  'facebook-item-new': [{ type: 'unhandled', code: 'type.unknown' }],
  'facebook-feed': [{ type: 'unused', kind: 'feed', count: 1 }],
  'facebook-field-new': [{ type: 'unhandled', code: 'field.unknown' }],

  // Instagram
  'instagram-text': onInstagram(said({ type: 'text', text: 'Is it still there?' })),
  'instagram-story-reply': onInstagram(
    said({ type: 'text', text: 'love it' }, { referral: { source: 'STORY', story: { id: '17950000000000001' } } }),
  ),
  'instagram-story-mention': onInstagram(
    said({ type: 'system', event: 'story_mention', url: 'https://lookaside.fbsbx.com/mention' }),
  ),
  'instagram-share': onInstagram(kept('share')),
  'instagram-ig-reel': onInstagram(kept('ig_reel')),
  'instagram-ig-post': onInstagram(kept('ig_post')),
  'instagram-like-heart': onInstagram(said({ type: 'text', text: '❤️' })),
  'instagram-ephemeral': onInstagram(kept('ephemeral')),
  'instagram-image': onInstagram(file('image', 'https://scontent.cdninstagram.com/p.jpg')),
  'instagram-unsupported': onInstagram(kept('unsupported')),
  'instagram-deleted': elsewhere(notice({ type: 'revoke', messageId: IG_MID })),
  'instagram-edit': elsewhere(notice({ type: 'edit', content: { type: 'text', text: 'sold?' } })),
  'instagram-read': [
    { type: 'receipt', status: 'read', providerId: 'aWdfZG1faXRlbToxOklHMDEwMA' },
    { type: 'receipts', status: 'read', person: IG_PERSON, upTo: new Date(1_790_000_000_123) },
  ],
  'instagram-postback': elsewhere(said({ type: 'choice', id: 'PRICES', title: 'Prices' })),
  'instagram-referral': [{ type: 'message', referral: { ref: 'bio' }, variables: { ref: 'bio' } }],
  'instagram-reaction': [{ type: 'message', content: { type: 'reaction', emoji: '🔥' } }],
  'instagram-echo-ours': [{ type: 'receipt', status: 'sent', providerId: IG_MID }],
  'instagram-echo-human': [{ type: 'echo', by: 'app', recipient: IG_PERSON, content: { text: 'typed in the app' } }],
  'instagram-comments': [{ type: 'unused', kind: 'comments', count: 1 }],
};

export const LEFT_OUT: readonly (readonly [where: RegExp, why: string])[] = [
  [/^changes\.value\./, 'what is said in public is counted, and the journal keeps the bytes'],
  [/^\w+\.message\.attachments\.type$/, 'is the type of the content'],
  [/^\w+\.message\.attachments\.payload\.sticker_id$/, 'makes it a sticker'],
  [/^\w+\.message\.attachments\.payload$/, 'empty'],
  [/^\w+\.message\.is_(deleted|echo)$/, 'is the kind of event'],
  [/^\w+\.message\.app_id$/, 'tells who wrote it: `by`, or that it is a receipt of ours'],
  [/^\w+\.message\.metadata$/, 'of an echo: what another system sent along with it'],
  [/^\w+\.message\.attachments\.(title|payload\.title)$/, 'the preview of a link that the text has'],
  [/^\w+\.reaction\.(action|reaction)$/, 'is in the emoji; none: taken back'],
  [/^\w+\.reaction\.emoji$/, 'of one that was taken back'],
  [/^\w+\.message_edit\.num_edit$/, 'is in the key of the event'],
  [/^\w+\.optin\.notification_messages_token$/, 'a way to write to the person: it belongs in no event'],
  [/^(messaging|standby)\.(sender|recipient)\.id$/, 'the account has the other end'],
];
