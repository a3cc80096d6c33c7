import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '../../contract/index.js';
import { answered, type ContractSubject, contractChecks, skippedChecks } from '../../testing/index.js';
import { telegram } from './index.js';
import { outcomes } from './outcomes.js';
import { TOKEN } from './testing.fixture.js';

const FOLDER = new URL('payloads/', import.meta.url);
const payloads = Object.fromEntries(
  readdirSync(FOLDER).map((name) => [
    name.replace('.json', ''),
    (JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as { body: JsonValue }).body,
  ]),
);

/** Telegram's words for what has a code of ours. */
const WORDS: Readonly<Record<string, string>> = {
  '400.chat_not_found': 'Bad Request: chat not found',
  '400.chat_upgraded': 'Bad Request: group chat was upgraded to a supergroup chat',
  '400.text_too_long': 'Bad Request: message is too long',
  '400.caption_too_long': 'Bad Request: message caption is too long',
  '400.text_empty': 'Bad Request: message text is empty',
  '400.buttons': 'Bad Request: BUTTON_URL_INVALID',
  '400.private_only': 'Bad Request: phone number can be requested in private chats only',
  '400.reaction': 'Bad Request: REACTION_INVALID',
  '400.file_too_big': 'Bad Request: file is too big',
  '400.voice_forbidden': 'Bad Request: VOICE_MESSAGES_FORBIDDEN',
  '400.no_rights': 'Bad Request: not enough rights to send text messages to the chat',
  '400.topic': 'Bad Request: TOPIC_CLOSED',
  '400.file': 'Bad Request: wrong file identifier/HTTP URL specified',
  '403.blocked': 'Forbidden: bot was blocked by the user',
  '403.deactivated': 'Forbidden: user is deactivated',
  '403.left_group': 'Forbidden: bot was kicked from the group chat',
  '403.not_started': "Forbidden: bot can't initiate conversation with a user",
};

function refusal(code: number | string) {
  if (code === 'http.413') return answered(413, '<html>Request Entity Too Large</html>');
  if (code === '429.group') return undefined; // a 429 of a group: below
  const status = Number(String(code).split('.')[0]);
  return answered(status, { ok: false, error_code: status, description: WORDS[String(code)] ?? 'No such luck' });
}

const subject: ContractSubject = {
  type: telegram,
  settings: { token: TOKEN, api_url: 'https://telegram.test', webhook_secret: 'webhook-secret-0123456789' },
  sign: ({ settings }) => ({ 'x-telegram-bot-api-secret-token': settings['webhook_secret'] ?? '' }),
  channels: {
    telegram: {
      account: { address: '7012345678', group: '7012345678', name: 'Acme' },
      recipient: { userId: '5000000001' },
      payloads,
      contents: {
        reaction: { type: 'reaction', messageId: '5000000001:77', emoji: '👍' },
        native: { type: 'native', channel: 'telegram', payload: { method: 'sendDice', emoji: '🎲' } },
      },
      network: {
        accepts: answered(200, { ok: true, result: { message_id: 7, chat: { id: 5000000001, type: 'private' } } }),
        refusal,
      },
    },
  },
};

/** The same, written to a group. */
const inGroup: ContractSubject = {
  ...subject,
  type: {
    ...telegram,
    channels: telegram.channels.map((channel) => ({
      ...channel,
      outcomes: new Map([...outcomes].filter(([code]) => code === '429.group')),
    })),
  },
  channels: {
    telegram: {
      ...(subject.channels['telegram'] as ContractSubject['channels'][string]),
      recipient: { userId: '-1001234567890' },
      network: {
        accepts: answered(200, {
          ok: true,
          result: { message_id: 7, chat: { id: -1001234567890, type: 'supergroup' } },
        }),
        refusal: () => answered(429, { ok: false, error_code: 429, description: 'Too Many Requests: retry after 3' }),
      },
    },
  },
};

const inPerson: ContractSubject = {
  ...subject,
  type: {
    ...telegram,
    channels: telegram.channels.map((channel) => ({
      ...channel,
      outcomes: new Map([...outcomes].filter(([code]) => code !== '429.group')),
    })),
  },
};

describe('the contract', () => {
  for (const { name, run } of contractChecks(inPerson)) it(name, run);

  const [rows] = contractChecks(inGroup).filter(({ name }) => name.endsWith('reaches every row of its outcome table'));
  it('telegram: reaches the rows that only groups have', async () => rows?.run());

  it('skips what Telegram has not', () => {
    expect(skippedChecks(subject).map(({ because }) => because)).toEqual([
      'toleranceMs is absent: signatures carry no time',
      'doctor.handshake is absent: the network asks for no proof of ownership',
      'envelopes is absent: one request tells one thing',
      'capabilities.receipts is empty',
      'capabilities.settles is none',
      'accounts.health, limits, nextTier and link are absent',
    ]);
  });
});
