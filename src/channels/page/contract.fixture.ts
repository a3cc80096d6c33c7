import { readdirSync, readFileSync } from 'node:fs';
import { isJsonObject, type JsonValue } from '../../contract/index.js';
import { answered, type ChannelSubject, envelope, type EnvelopeLevel } from '../../testing/index.js';

const FOLDER = new URL('payloads/', import.meta.url);

/** Bodies as Meta posts them for one of the networks, by the names of their files. */
function payloadsOf(channel: string): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(
    readdirSync(FOLDER)
      .filter((file) => file.startsWith(`${channel}-`))
      .map((file) => [
        file.replace('.json', ''),
        (JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as { body: JsonValue }).body,
      ]),
  );
}

/** Items of `messaging`, in one entry. */
function messaging(object: string, address: string): EnvelopeLevel {
  const { items } = envelope('entry');
  return {
    name: 'messaging',
    items: (body) => items(body).flatMap((entry) => (isJsonObject(entry) ? envelope('messaging').items(entry) : [])),
    wrap: (list) => ({ object, entry: [{ id: address, time: 1790000000623, messaging: list }] }),
  };
}

/** Messenger or Instagram for the contract kit. */
export function pageSubject(channel: 'facebook' | 'instagram'): ChannelSubject {
  const [object, address] = channel === 'facebook' ? ['page', '110000000000001'] : ['instagram', '17841400000000001'];
  return {
    account: { address, group: '110000000000001', name: 'Acme' },
    credential: 'EAAGpage4711page4711',
    recipient: { userId: '24400000000000001' },
    payloads: payloadsOf(channel),
    envelopes: [envelope('entry', { object }), messaging(object, address)],
    contents: {
      reaction: { type: 'reaction', messageId: 'm_FB0001', emoji: '❤' },
      native: { type: 'native', channel, payload: { message: { text: 'hi' } } },
    },
    network: {
      accepts: answered(200, { recipient_id: '24400000000000001', message_id: 'm_accepted' }),
      refusal(row) {
        const [code = 0, subcode] = String(row).split('.').map(Number);
        if (Number.isNaN(code)) return undefined;
        const error = { message: `(#${code}) Something is wrong`, type: 'OAuthException', code, fbtrace_id: 'Az8' };
        return answered(400, { error: { ...error, ...(subcode !== undefined && { error_subcode: subcode }) } });
      },
    },
  };
}
