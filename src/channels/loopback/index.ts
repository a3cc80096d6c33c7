import { CONTRACT_VERSION, isJsonObject, type GatewayType } from '../../contract/index.js';
import { equalsInConstantTime } from '../wire/index.js';
import { ACCOUNT, loopback as channel } from './channel.js';

/** The gateway type that brings the loopback channel; its callback takes `{messages: [{id, from, text, at}]}`. */
export const loopback: GatewayType = {
  type: 'loopback',
  contract: CONTRACT_VERSION,
  settings: [
    {
      name: 'secret',
      required: true,
      secret: true,
      description: 'What the header x-loopback-secret of a webhook must be.',
      check: (value) => (value.trim() === '' ? 'must not be blank' : undefined),
    },
  ],
  channels: [channel],
  webhook: {
    maxBytes: 1024 * 1024,
    handshake: () => undefined,
    verify({ headers }, { settings }) {
      const expected = settings['secret'];
      if (!expected) return { ok: false, why: 'not-configured' };
      const given = headers['x-loopback-secret'];
      if (typeof given !== 'string') return { ok: false, why: 'unsigned' };
      return equalsInConstantTime(given, expected) ? { ok: true } : { ok: false, why: 'forged' };
    },
    split(body) {
      const messages = isJsonObject(body) ? body['messages'] : undefined;
      if (!Array.isArray(messages)) {
        return [{ type: 'unhandled', code: 'body.invalid', detail: 'messages is not a list', path: '', raw: body }];
      }
      return messages.map((message, index) => ({
        channel: channel.channel,
        account: ACCOUNT,
        group: ACCOUNT.group,
        path: `messages[${index}]`,
        body: message,
      }));
    },
  },
  warnings: () => [],
  policies: () => ({ windowUnknown: 'try', pairPace: 'lenient' }),
  verifySettings: async () => ({ status: 'ok' }),
};
