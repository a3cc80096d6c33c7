import { readdirSync, readFileSync } from 'node:fs';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../contract/index.js';
import { answered, type ChannelSubject, type EnvelopeLevel } from '../../../testing/index.js';

const FOLDER = new URL('../payloads/', import.meta.url);

/** Bodies as Meta posts them, by the names of their files. Meta's examples share ids of messages: each gets its own. */
const payloads: Readonly<Record<string, JsonValue>> = Object.fromEntries(
  readdirSync(FOLDER).map((file) => {
    const name = file.replace('.json', '');
    const text = readFileSync(new URL(file, FOLDER), 'utf8').replace(/("id": "wamid\.[^"]*)"/g, `$1${name}"`);
    return [name, (JSON.parse(text) as { body: JsonValue }).body];
  }),
);

const list = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? value : []);
const objects = (value: JsonValue | undefined): readonly JsonObject[] => list(value).filter(isJsonObject);
const entriesOf = (body: JsonValue): readonly JsonObject[] => (isJsonObject(body) ? objects(body['entry']) : []);
const changesOf = (body: JsonValue): readonly JsonObject[] =>
  entriesOf(body).flatMap((entry) => objects(entry['changes']));
const envelope = (entry: readonly JsonValue[]): JsonValue => ({
  object: 'whatsapp_business_account',
  entry: [...entry],
});
const oneChange = (value: JsonObject): JsonValue =>
  envelope([{ id: '102290129340398', time: 1749416383, changes: [{ field: 'messages', value }] }]);
const METADATA = { display_phone_number: '15550783881', phone_number_id: '106540352242922' };

/** Items of `messages` or of `statuses` in a value of the field messages. */
const itemsOf = (member: string): EnvelopeLevel => ({
  name: member,
  items: (body) =>
    changesOf(body)
      .filter(({ field }) => field === 'messages')
      .flatMap(({ value }) => (isJsonObject(value) ? list(value[member]) : [])),
  wrap: (items) => oneChange({ messaging_product: 'whatsapp', metadata: METADATA, [member]: [...items] }),
});

/** WhatsApp for the contract kit, whatever way leads to it. */
export const whatsAppSubject: ChannelSubject = {
  account: { address: '106540352242922', group: '102290129340398', name: 'Acme', phone: '15550783881' },
  recipient: { phone: '16505551234' },
  payloads,
  envelopes: [
    { name: 'entries', items: entriesOf, wrap: envelope },
    {
      name: 'changes',
      items: changesOf,
      wrap: (changes) => envelope([{ id: '102290129340398', time: 1749416383, changes: [...changes] }]),
    },
    itemsOf('messages'),
    itemsOf('statuses'),
  ],
  contents: {
    reaction: { type: 'reaction', messageId: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRB', emoji: '👍' },
    native: {
      type: 'native',
      channel: 'whatsapp',
      payload: { type: 'interactive', interactive: { type: 'location_request_message' } },
    },
  },
  network: {
    accepts: answered(200, {
      messaging_product: 'whatsapp',
      contacts: [{ input: '16505551234', wa_id: '16505551234' }],
      messages: [{ id: 'wamid.accepted' }],
    }),
    refusal: (code) =>
      typeof code === 'number'
        ? answered(400, {
            error: {
              message: `(#${code}) Something is wrong`,
              type: 'OAuthException',
              code,
              fbtrace_id: 'Az8or2yhqkZfEZ',
            },
          })
        : undefined,
    receipt: (code) =>
      typeof code === 'number'
        ? oneChange({
            messaging_product: 'whatsapp',
            metadata: METADATA,
            statuses: [
              {
                id: 'wamid.failed',
                status: 'failed',
                timestamp: '1749416383',
                recipient_id: '16505551234',
                errors: [{ code, title: 'Something is wrong', message: 'Something is wrong' }],
              },
            ],
          })
        : undefined,
  },
};
