import type {
  AccountCall,
  Content,
  JsonObject,
  ProviderAnswer,
  ProviderRequest,
  TravellingFile,
} from '../../contract/index.js';

export const TOKEN = '7012345678:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw';

/** What a test answers in Telegram's place, in order; what was asked stays to be looked at. */
export class FakeTelegram {
  readonly requests: ProviderRequest[] = [];
  private readonly answers: ProviderAnswer[] = [];

  /** `{ok: true, result}` */
  says(result: unknown): this {
    return this.answer(200, { ok: true, result });
  }

  refuses(code: number, description: string, parameters?: object): this {
    return this.answer(code, { ok: false, error_code: code, description, ...(parameters && { parameters }) });
  }

  pages(httpStatus: number, text = '<html></html>'): this {
    this.answers.push({ status: 'answered', httpStatus, headers: {}, text });
    return this;
  }

  fails(sent: boolean, reason = 'ECONNRESET'): this {
    this.answers.push({ status: 'failed', sent, reason });
    return this;
  }

  /** Method and parameters of each call. */
  get calls(): readonly { readonly method: string; readonly params: JsonObject }[] {
    return this.requests.map(({ url, body }) => ({
      method: url.split('/').at(-1) ?? '',
      params: typeof body === 'string' ? (JSON.parse(body) as JsonObject) : {},
    }));
  }

  call(more: Partial<AccountCall> = {}): AccountCall {
    return {
      gateway: { id: 'g', uri: 'acme' },
      settings: { token: TOKEN, api_url: 'http://telegram.test', webhook_secret: 'webhook-secret-0123456789' },
      callbackUrl: 'https://patchbay.test/chat/acme',
      publicUrl: 'https://patchbay.test',
      account: { address: '7012345678', group: '7012345678', name: 'Acme' },
      http: {
        request: async (request) => {
          this.requests.push(request);
          return this.answers.shift() ?? { status: 'failed', sent: false, reason: 'nothing was scripted' };
        },
      },
      ...more,
    };
  }

  private answer(httpStatus: number, body: object): this {
    return this.pages(httpStatus, JSON.stringify(body));
  }
}

/** @param known Telegram's ids of it, by the parameter that it was sent in */
export function fileOf(text: string, known: Readonly<Record<string, string>> = {}): TravellingFile {
  async function* read(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
  }
  const size = Buffer.byteLength(text);
  return { mimeType: 'image/png', filename: 'cat.png', size, read, known: new Map(Object.entries(known)) };
}

export const OUR_FILE = '01890a5d-ac96-774b-bcce-b302099a8057';

/** Every kind of content, and the call that it becomes (core.telegram.org/bots/api). */
export const CALLS: readonly (readonly [name: string, content: Content, payload: JsonObject])[] = [
  ['a text', { type: 'text', text: 'hi' }, { method: 'sendMessage', text: 'hi' }],
  [
    'a text without a preview',
    { type: 'text', text: 'https://x.test', preview: false },
    { method: 'sendMessage', text: 'https://x.test', link_preview_options: { is_disabled: true } },
  ],
  [
    'a text with a preview',
    { type: 'text', text: 'https://x.test', preview: true },
    { method: 'sendMessage', text: 'https://x.test', link_preview_options: { is_disabled: false } },
  ],
  [
    'a picture of theirs',
    { type: 'image', media: { id: 'AgACAgIAAxkBAAIB' }, caption: 'A cat' },
    { method: 'sendPhoto', photo: 'AgACAgIAAxkBAAIB', caption: 'A cat' },
  ],
  [
    'a picture of ours',
    { type: 'image', media: { id: OUR_FILE } },
    { method: 'sendPhoto', photo: `attach://${OUR_FILE}` },
  ],
  [
    'a link',
    { type: 'document', media: { url: 'https://x.test/a.pdf', filename: 'a.pdf' } },
    { method: 'sendDocument', document: 'https://x.test/a.pdf' },
  ],
  ['a film', { type: 'video', media: { id: 'V' } }, { method: 'sendVideo', video: 'V' }],
  [
    'a moving picture',
    { type: 'video', media: { id: 'V' }, animated: true },
    { method: 'sendAnimation', animation: 'V' },
  ],
  ['a song', { type: 'audio', media: { id: 'A' } }, { method: 'sendAudio', audio: 'A' }],
  ['a voice note', { type: 'audio', media: { id: 'A' }, voice: true }, { method: 'sendVoice', voice: 'A' }],
  ['a sticker', { type: 'sticker', media: { id: 'S' } }, { method: 'sendSticker', sticker: 'S' }],
  [
    'a place',
    { type: 'location', latitude: 50.45, longitude: 30.52 },
    { method: 'sendLocation', latitude: 50.45, longitude: 30.52 },
  ],
  [
    'a place with a name',
    { type: 'location', latitude: 50.45, longitude: 30.52, name: 'Office' },
    { method: 'sendVenue', latitude: 50.45, longitude: 30.52, title: 'Office', address: 'Office' },
  ],
  [
    'a place with name and address',
    { type: 'location', latitude: 50.45, longitude: 30.52, name: 'Office', address: 'Main St 1' },
    { method: 'sendVenue', latitude: 50.45, longitude: 30.52, title: 'Office', address: 'Main St 1' },
  ],
  [
    'a person',
    {
      type: 'contacts',
      contacts: [
        {
          name: { formatted_name: 'Ann Lee', first_name: 'Ann', last_name: 'Lee' },
          phones: [{ phone: '+16505551234' }],
        },
      ],
    },
    { method: 'sendContact', phone_number: '+16505551234', first_name: 'Ann', last_name: 'Lee' },
  ],
  [
    'a person with one name',
    { type: 'contacts', contacts: [{ name: { formatted_name: 'Ann' }, phones: [{ phone: '1' }], vcard: 'V' }] },
    { method: 'sendContact', phone_number: '1', first_name: 'Ann', vcard: 'V' },
  ],
  [
    'buttons',
    {
      type: 'buttons',
      text: 'Tea?',
      buttons: [
        { type: 'reply', id: 'yes', title: 'Yes' },
        { type: 'reply', title: 'No' },
        { type: 'url', title: 'Menu', url: 'https://x.test' },
      ],
    },
    {
      method: 'sendMessage',
      text: 'Tea?',
      reply_markup: {
        inline_keyboard: [
          [{ text: 'Yes', callback_data: 'yes' }],
          [{ text: 'No', callback_data: 'No' }],
          [{ text: 'Menu', url: 'https://x.test' }],
        ],
      },
    },
  ],
  [
    'a request for the phone number',
    { type: 'buttons', text: 'Who are you?', buttons: [{ type: 'phone', title: 'Share' }] },
    {
      method: 'sendMessage',
      text: 'Who are you?',
      reply_markup: {
        keyboard: [[{ text: 'Share', request_contact: true }]],
        resize_keyboard: true,
        one_time_keyboard: true,
      },
    },
  ],
  [
    'a request for the location',
    { type: 'buttons', text: 'Where are you?', buttons: [{ type: 'location', title: 'Here' }] },
    {
      method: 'sendMessage',
      text: 'Where are you?',
      reply_markup: {
        keyboard: [[{ text: 'Here', request_location: true }]],
        resize_keyboard: true,
        one_time_keyboard: true,
      },
    },
  ],
  [
    'what is native',
    { type: 'native', channel: 'telegram', payload: { method: 'sendPoll', question: 'Tea?', options: [] } },
    { method: 'sendPoll', question: 'Tea?', options: [] },
  ],
];
