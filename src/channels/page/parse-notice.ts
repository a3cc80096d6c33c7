import type { Content, JsonObject, MessageReceived, SystemContent } from '../../contract/index.js';
import { asId, asObject, asText, defined } from '../graph/index.js';
import { choiceOf, refVariable } from './parse-message.js';
import { Broken, type ItemContext, keyOf, readTime, senderOf } from './reading.js';

/** A press on a button that stays, or on "Get started" (webhook-events/messaging_postbacks). Older ones have no `mid`. */
export function readPostback(item: JsonObject, postback: JsonObject, context: ItemContext): MessageReceived {
  const at = readTime(item, context);
  const referral = asObject(postback['referral']);
  return defined({
    ...notice(item, context, at, choiceOf(postback['payload'], asText(postback['title']))),
    providerId: asId(postback['mid']) ?? keyOf('postback', item, at),
    opensWindow: true,
    referral,
    variables: refVariable(referral),
  });
}

/** A person came to a conversation that there is already, by a link or an ad (webhook-events/messaging_referrals). */
export function readReferral(item: JsonObject, referral: JsonObject, context: ItemContext): MessageReceived {
  const at = readTime(item, context);
  return defined({
    ...notice(item, context, at, { type: 'system', event: 'referral' }),
    providerId: keyOf('referral', item, at),
    opensWindow: true,
    referral,
    variables: refVariable(referral),
  });
}

/** A plugin was used, or messages of a kind were asked for (webhook-events/messaging_optins). The latter open no window. */
export function readOptin(item: JsonObject, optin: JsonObject, context: ItemContext): MessageReceived {
  const at = readTime(item, context);
  // the token is a way to write to the person: it belongs in no event
  const { notification_messages_token: token, ...told } = optin;
  const { type, ...rest } = told;
  const content = {
    ...rest,
    type: 'system',
    event: 'optin',
    ...(type !== undefined && { kind: type }),
  } as SystemContent;
  return defined({
    ...notice(item, context, at, content),
    providerId: keyOf('optin', item, at),
    opensWindow: token === undefined && optin['type'] !== 'notification_messages',
    variables: refVariable(optin),
  });
}

/** Words for what Meta names and does not draw (webhook-events/message-reactions). */
const EMOJI: Readonly<Record<string, string>> = {
  love: '❤️',
  like: '👍',
  dislike: '👎',
  smile: '😆',
  wow: '😮',
  sad: '😢',
  angry: '😠',
};

export function readReaction(item: JsonObject, reaction: JsonObject, context: ItemContext): MessageReceived {
  const messageId = asId(reaction['mid']);
  if (messageId === undefined) throw new Broken('reaction.mid is missing');
  const at = readTime(item, context);
  const named = asText(reaction['reaction']);
  const emoji = asText(reaction['emoji']) ?? (named === undefined ? undefined : (EMOJI[named] ?? named));
  const content: Content = {
    type: 'reaction',
    messageId,
    emoji: reaction['action'] === 'unreact' ? '' : (emoji ?? ''),
  };
  return { ...notice(item, context, at, content), providerId: keyOf('reaction', item, at), opensWindow: true };
}

/** What a message says now (webhook-events/message-edits); an edit opens no window. */
export function readEdit(item: JsonObject, edit: JsonObject, context: ItemContext): MessageReceived {
  const messageId = asId(edit['mid']);
  if (messageId === undefined) throw new Broken('message_edit.mid is missing');
  const at = readTime(item, context);
  const text = edit['text'];
  if (typeof text !== 'string') throw new Broken('message_edit.text is not a string');
  const content: Content = { type: 'edit', messageId, content: { type: 'text', text } };
  const count = asId(edit['num_edit']);
  return {
    ...notice(item, context, at, content),
    providerId: count === undefined ? keyOf('edit', item, at) : `edit.${messageId}.${count}`,
    opensWindow: false,
  };
}

export const HANDOVERS = ['pass_thread_control', 'take_thread_control', 'request_thread_control'] as const;

/**
 * Who answers a person has changed, or somebody wants it to (handover protocol, conversation routing). Passed is passed to us and
 * taken is taken from us, unless the app that is named says otherwise.
 */
export function readHandover(
  item: JsonObject,
  kind: (typeof HANDOVERS)[number],
  handover: JsonObject,
  context: ItemContext,
): MessageReceived {
  const at = readTime(item, context);
  const owner = asId(handover['new_owner_app_id']);
  const isOurs = context.appId !== undefined && owner !== undefined ? owner === context.appId : kind === HANDOVERS[0];
  const isChange = kind !== 'request_thread_control';
  const content = defined({
    type: 'system' as const,
    event: kind,
    owner: isChange ? (isOurs ? 'us' : 'other') : undefined,
    newOwner: owner,
    previousOwner: asId(handover['previous_owner_app_id']),
    requestedBy: asId(handover['requested_owner_app_id']),
    metadata: asText(handover['metadata']),
  }) as SystemContent;
  return defined({
    ...notice(item, context, at, content),
    providerId: keyOf(kind, item, at),
    opensWindow: false,
    standby: undefined,
    handover: isChange ? (isOurs ? ('us' as const) : ('other' as const)) : undefined,
  });
}

function notice(item: JsonObject, context: ItemContext, occurredAt: Date, content: Content) {
  const { account, standby } = context;
  const sender = { userId: senderOf(item, context) };
  return defined({ type: 'message' as const, account, sender, occurredAt, content, standby });
}
