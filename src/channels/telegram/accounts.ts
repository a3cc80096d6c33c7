import type {
  AccountGroup,
  AccountGroupView,
  AccountsFacet,
  CallOutcome,
  GatewayCall,
  JsonObject,
  JsonValue,
  RemoteError,
} from '../../contract/index.js';
import { asId, asObject, asText, defined } from '../wire/index.js';
import { botClient } from './client.js';
import { WANTED_UPDATES } from './fields.js';
import { botIdOf } from './token.js';

/** A gateway has one bot, the token's: it is the group and the one account in it. */
export const accounts: AccountsFacet = { discover, subscribe, unsubscribe, isGone, present };

/** core.telegram.org/bots/api, getMe */
async function discover(call: GatewayCall): Promise<CallOutcome<readonly AccountGroup[]>> {
  const answer = await botClient(call).call({ method: 'getMe' });
  if (answer.status !== 'ok') return answer;
  const details = asObject(answer.value);
  const address = asId(details?.['id']);
  if (details === undefined || address === undefined) {
    return { status: 'unreachable', reason: 'the answer names no bot' };
  }
  const name = asText(details['first_name']) ?? asText(details['username']) ?? address;
  return { status: 'ok', value: [{ address, name, details: {}, accounts: [{ address, name, details }] }] };
}

/**
 * Makes Telegram send the bot's updates here (core.telegram.org/bots/api, setWebhook). A bot has one webhook: another one that stands
 * there is replaced, and named.
 */
async function subscribe(group: string, call: GatewayCall): Promise<CallOutcome<{ readonly warning?: string }>> {
  const foreign = refusalFor(group, call);
  if (foreign) return foreign;
  const before = await webhookOf(call);
  const answer = await botClient(call).call({
    method: 'setWebhook',
    params: {
      url: call.callbackUrl,
      secret_token: call.settings['webhook_secret'],
      allowed_updates: [...WANTED_UPDATES],
    },
  });
  if (answer.status !== 'ok') return answer;
  const isReplaced = before !== undefined && before !== '' && before !== call.callbackUrl;
  const warning = `Telegram sent the updates of this bot to ${originOf(before)} until now: that webhook was replaced.`;
  return { status: 'ok', value: isReplaced ? { warning } : {} };
}

/** What somebody else has put in our webhook's place meanwhile is theirs, and stays. */
async function unsubscribe(group: string, call: GatewayCall): Promise<CallOutcome> {
  const foreign = refusalFor(group, call);
  if (foreign) return foreign;
  const current = await webhookOf(call);
  if (current !== undefined && current !== '' && current !== call.callbackUrl)
    return { status: 'ok', value: undefined };
  const answer = await botClient(call).call({ method: 'deleteWebhook' });
  return answer.status === 'ok' ? { status: 'ok', value: undefined } : answer;
}

/** undefined: not known. Nothing hangs on it. */
async function webhookOf(call: GatewayCall): Promise<string | undefined> {
  const answer = await botClient(call).call({ method: 'getWebhookInfo' });
  const url = answer.status === 'ok' ? asObject(answer.value)?.['url'] : undefined;
  return typeof url === 'string' ? url : undefined;
}

/** A stranger's URL may carry a secret in its path. */
function originOf(url: string | undefined): string {
  return url !== undefined && URL.canParse(url) ? new URL(url).origin : 'another address';
}

/** The account is a bot that the token does not belong to any more. */
function refusalFor(group: string, { settings }: GatewayCall) {
  const own = botIdOf(settings);
  if (own === group) return undefined;
  const message = `The token belongs to the bot ${own}, not to ${group}: run setup, and remove the old bot.`;
  return { status: 'refused' as const, remote: { code: 'account.other_bot', message } };
}

/** The token is dead, or another bot's: then this one is none of ours. */
function isGone({ code }: RemoteError): boolean {
  return code === 401 || code === 404 || code === 'account.other_bot';
}

/** The list that the callback commands answer with, sorted by id, as strings. */
function present(groups: readonly AccountGroupView[]): JsonValue {
  return [...groups].sort((a, b) => (a.address < b.address ? -1 : Number(a.address > b.address))).map(presentBot);
}

function presentBot({ address, name, subscribed, accounts: [bot], warning, error }: AccountGroupView): JsonObject {
  const username = asText(bot?.details['username']);
  return defined({
    id: address,
    name: bot?.name ?? name,
    username,
    link: username === undefined ? undefined : `https://t.me/${username}`,
    active: bot?.active ?? false,
    // absent while the webhook is not set: that is how clients tell
    allowed_updates: subscribed ? [...WANTED_UPDATES] : undefined,
    warning,
    error: error && defined({ code: error.code, message: error.message }),
  });
}
