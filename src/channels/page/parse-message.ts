import type {
  ChoiceContent,
  Content,
  EchoReceived,
  JsonObject,
  MessageReceived,
  ReceiptReceived,
} from '../../contract/index.js';
import { asId, asObject, asObjects, asText, defined } from '../graph/index.js';
import { readAttachment } from './parse-attachment.js';
import { Broken, type ItemContext, idOf, readTime, senderOf } from './reading.js';

type Said = Pick<MessageReceived, 'content' | 'attention'>;

/** How attempt references of this software begin: what comes back with one was sent by an installation of it. */
const OURS = /^pb\./;

/** What people type into Meta's own inbox comes with this app id (Meta: messenger-platform/reference, message echoes). */
const INBOX_APP = '263902037430900';

/**
 * `message` of an item (Meta: messenger-platform/reference/webhook-events/messages). Text and each attachment are a message of
 * their own here; the first goes by Meta's id, the others by that and their place.
 */
export function readMessages(item: JsonObject, message: JsonObject, context: ItemContext): readonly MessageReceived[] {
  const userId = senderOf(item, context);
  const mid = midOf(message);
  const occurredAt = readTime(item, context);
  const { account, standby } = context;
  const base = { type: 'message' as const, account, sender: { userId }, occurredAt, standby };
  if (message['is_deleted'] === true) {
    const content: Content = { type: 'revoke', messageId: mid };
    return [defined({ ...base, providerId: `revoke.${mid}`, content, opensWindow: false })];
  }
  const referral = referralOf(item, message);
  return contentsOf(message).map((said, index) =>
    defined({
      ...base,
      providerId: index === 0 ? mid : `${mid}#${index}`,
      opensWindow: true,
      replyTo: replyOf(message),
      referral: index === 0 ? referral : undefined,
      variables: index === 0 ? refVariable(referral) : undefined,
      ...said,
    }),
  );
}

/**
 * What was written on the account by others, and by us: an echo of ours is a receipt, which also settles an attempt whose answer
 * got lost where the network gives back what was sent along.
 */
export function readEcho(
  item: JsonObject,
  message: JsonObject,
  context: ItemContext,
): readonly (EchoReceived | ReceiptReceived)[] {
  const userId = idOf(item, 'recipient');
  if (userId === undefined) throw new Broken('the echo names no recipient by an id');
  const mid = midOf(message);
  const occurredAt = readTime(item, context);
  const { account } = context;
  const [attempt, appId] = [asText(message['metadata']), asId(message['app_id'])];
  if (isOurs(attempt, appId, context)) {
    const receipt = { type: 'receipt' as const, account, providerId: mid, status: 'sent', occurredAt, raw: item };
    return [defined({ ...receipt, attempt, recipient: { userId } })];
  }
  // a message of ours that was taken back in the network's own app: nothing was said
  if (message['is_deleted'] === true) {
    return [{ ...echoOf({ type: 'revoke', messageId: mid }, `revoke.${mid}`), by: 'app' }];
  }
  return contentsOf(message).map(({ content, attention }, index) =>
    defined({
      ...echoOf(content, index === 0 ? mid : `${mid}#${index}`),
      by: appId === undefined || appId === INBOX_APP ? ('app' as const) : ('integration' as const),
      replyTo: replyOf(message),
      attention,
    }),
  );

  function echoOf(content: Content, providerId: string) {
    return { type: 'echo' as const, account, providerId, recipient: { userId: userId ?? '' }, occurredAt, content };
  }
}

/**
 * Instagram gives nothing back, so there it is the app that tells; where the gateway does not say which app is its own, whatever
 * an app sent is taken for its own: a bot that stops because of its own words would be worse.
 */
function isOurs(
  metadata: string | undefined,
  appId: string | undefined,
  { channel, appId: own }: ItemContext,
): boolean {
  if (metadata !== undefined && OURS.test(metadata)) return true;
  if (channel !== 'instagram' || appId === undefined || appId === INBOX_APP) return false;
  return own === undefined || appId === own;
}

function midOf(message: JsonObject): string {
  const mid = asId(message['mid']);
  if (mid === undefined) throw new Broken('the message has no mid');
  return mid;
}

function contentsOf(message: JsonObject): readonly Said[] {
  const text = asText(message['text']);
  const attachments = asObjects(message['attachments']);
  const quick = asObject(message['quick_reply']);
  const said: Said[] = [];
  if (quick !== undefined) said.push({ content: choiceOf(quick['payload'], text) });
  else if (text !== undefined) said.push({ content: { type: 'text', text } });
  for (const attachment of attachments) {
    // the preview of a link that the text says already
    if (attachment['type'] === 'fallback' && text !== undefined) continue;
    said.push(readAttachment(attachment));
  }
  if (said.length > 0) return said;
  if (message['is_unsupported'] === true) {
    return [{ content: { type: 'unsupported', providerType: 'unsupported', raw: message } }];
  }
  // an answer to a story with nothing else in it, or a kind that is new
  const providerType = Object.keys(message).find((key) => !ENVELOPE.has(key)) ?? 'empty';
  return [{ content: { type: 'unsupported', providerType, raw: message }, attention: 'type.unknown' }];
}

const ENVELOPE = new Set(['mid', 'reply_to', 'is_echo', 'app_id', 'metadata', 'referral', 'attachments', 'text']);

/** A tap says as much by its payload as by its title: one of the two is enough. */
export function choiceOf(payload: unknown, title: string | undefined): ChoiceContent {
  const id = asId(payload) ?? title;
  if (id === undefined) throw new Broken('the answer has neither a payload nor a title');
  return { type: 'choice', id, title: title ?? id, of: 'button' };
}

function replyOf(message: JsonObject): { providerId: string } | undefined {
  const providerId = asId(asObject(message['reply_to'])?.['mid']);
  return providerId === undefined ? undefined : { providerId };
}

/** Where the person came from: an ad, a link, or a story that they answer. */
function referralOf(item: JsonObject, message: JsonObject): JsonObject | undefined {
  const referral = asObject(message['referral']) ?? asObject(item['referral']);
  if (referral) return referral;
  const story = asObject(asObject(message['reply_to'])?.['story']);
  return story && { source: 'STORY', type: 'STORY_REPLY', story };
}

/** What a link, an ad or a plugin of the business said of itself. */
export function refVariable(referral: JsonObject | undefined): Readonly<Record<string, string>> | undefined {
  const ref = asText(referral?.['ref']);
  return ref === undefined ? undefined : { ref };
}
