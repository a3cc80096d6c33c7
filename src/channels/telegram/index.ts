import {
  type AccountCall,
  type CallOutcome,
  type Channel,
  CONTRACT_VERSION,
  type GatewayType,
  type JsonObject,
} from '../../contract/index.js';
import { accounts } from './accounts.js';
import { capabilities } from './capabilities.js';
import { check } from './check.js';
import { botClient } from './client.js';
import { media } from './media.js';
import { outcomes } from './outcomes.js';
import { parse } from './parse.js';
import { presence } from './presence.js';
import { render } from './render.js';
import { send } from './send.js';
import { policies, settingKeys, verifySettings } from './settings.js';
import { MAX_BYTES, split, verify } from './webhook.js';

/** A Telegram bot. The account is the bot; a contact is a person, or a group that the bot is in. */
const channel: Channel = {
  channel: 'telegram',
  capabilities,
  outcomes,
  parse,
  outbound: { check, render, send, presence },
  accounts,
  dialog: { variablesFor: ({ address }) => ({ 'telegram.bot': address }), confirm },
  media,
};

/** The gateway type of one Telegram bot over the Bot API (core.telegram.org/bots/api). */
export const telegram: GatewayType = {
  type: 'telegram',
  contract: CONTRACT_VERSION,
  settings: settingKeys,
  channels: [channel],
  webhook: { maxBytes: MAX_BYTES, handshake: () => undefined, verify, split },
  warnings: () => [],
  policies,
  verifySettings,
};

/** A button that was pressed shows that it is at work until then (core.telegram.org/bots/api, answerCallbackQuery). */
async function confirm(what: JsonObject, call: AccountCall): Promise<CallOutcome> {
  const answer = await botClient(call).call({ method: 'answerCallbackQuery', params: what });
  return answer.status === 'ok' ? { status: 'ok', value: undefined } : answer;
}
