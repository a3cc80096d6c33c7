import { MESSAGING, reachPhoneNumber } from './graph-access.js';
import type { GraphErrorInput } from './graph-error.js';
import { GraphError, invalidParameter } from './graph-error.js';
import type { GraphAnswer, GraphCall } from './graph.types.js';
import { judgeMediaUse } from './judge-media.js';
import { judgeMessage } from './judge-message.js';
import { judgeSender, judgeTemplateUse, REENGAGEMENT, templateOf } from './judge-state.js';
import { wrongValue } from './judgement.js';
import type { MessageBody, SentMessage } from './message.types.js';
import { plainTextOf } from './message.types.js';
import { digitsOf } from './phone.js';
import { ok } from './routes-discovery.js';
import type { JsonObject, SimPhoneNumber } from './world.types.js';

/** `POST /{PN}/messages`: sends, marks as read, shows typing. Meta: messages/send-messages */
export function postMessage(call: GraphCall, phoneNumberId: string): GraphAnswer | Promise<GraphAnswer> {
  const number = reachPhoneNumber(call, phoneNumberId, MESSAGING, 10);
  const body = withParsedParts(call.request.body);
  if (body['status'] === 'read' || body['typing_indicator'] !== undefined) {
    return markRead(call, number, body);
  }
  const error = judgeMessage(body);
  if (error !== undefined) {
    throw error;
  }
  return accept(call, number, body);
}

/** `status: read` of a customer's message; with `typing_indicator` it also shows that an answer is being written. */
function markRead({ platform }: GraphCall, number: SimPhoneNumber, body: MessageBody): GraphAnswer {
  if (body.messaging_product !== 'whatsapp') {
    throw invalidParameter('The parameter messaging_product is required.');
  }
  if (body['status'] !== 'read') {
    throw invalidParameter('The parameter status is required.');
  }
  const { message_id: messageId, typing_indicator: typing } = body as MessageBody & JsonObject;
  if (typeof messageId !== 'string') {
    throw invalidParameter('The parameter message_id is required.');
  }
  if (typing !== undefined && (typing as JsonObject | null)?.['type'] !== 'text') {
    throw wrongValue("typing_indicator['type'] is text");
  }
  refuse(judgeSender(number, undefined));
  if (!platform.inbound.has(number.id, messageId)) {
    throw wrongValue(`${messageId} is not a message that this number received`);
  }
  platform.reads.add({
    at: platform.clock.nowMs(),
    phoneNumberId: number.id,
    messageId,
    typing: typing !== undefined,
  });
  platform.activity.changed();
  return ok({ success: true });
}

function accept(call: GraphCall, number: SimPhoneNumber, body: MessageBody): GraphAnswer | Promise<GraphAnswer> {
  const { fault, platform, session } = call;
  const isToGroup = body['recipient_type'] === 'group';
  const phone = body.to === undefined || isToGroup ? undefined : digitsOf(body.to);
  const userId = body.to === undefined ? body.recipient : undefined;
  const waba = platform.world.waba(number.wabaId);
  refuse(judgeSender(number, phone) ?? judgeTemplateUse(waba, body, userId !== undefined));
  const files = judgeMediaUse(platform.media, body, number.id);
  refuse(files.error);
  const late = isToGroup ? undefined : judgeWindow(call, number.id, phone ?? userId ?? '', body.type);
  const address = phone ?? userId;
  const person = platform.customers.find(phone, userId)?.phone ?? address;
  const outbound = { number, waba, person, address };
  refuse(platform.limits.refusalOf(outbound));
  const type = body.type ?? 'text';
  const message: SentMessage = {
    id: platform.ids.wamid(),
    at: platform.clock.nowMs(),
    appId: session.app.id,
    wabaId: waba.id,
    phoneNumberId: number.id,
    phone,
    userId,
    type,
    text: plainTextOf(body),
    template: body.template?.name,
    biz_opaque_callback_data: body.biz_opaque_callback_data,
    body,
  };
  const failure = platform.limits.accept(outbound) ?? late ?? files.late ?? fault.statusError;
  platform.sent.add(message);
  if (failure === undefined && !isToGroup) {
    platform.limits.reach(outbound);
    platform.customers.reach(message);
  }
  const isPaced = failure === undefined && templateOf(waba, body)?.pacing === true;
  if (isPaced) {
    platform.paced.push(message);
  }
  const first = isToGroup || isPaced ? undefined : platform.receipts.begin(message, fault, failure);
  platform.activity.changed();
  const answer = ok(answerTo(message, body, isPaced));
  return first === undefined ? answer : first.then(() => answer);
}

/**
 * Outside the window only templates go out: refused at once or, in the mode `late`, later.
 * @returns the error to fail with later.
 */
function judgeWindow(
  { platform }: GraphCall,
  phoneNumberId: string,
  customer: string,
  type: string | undefined,
): GraphErrorInput | undefined {
  if (platform.window === 'open' || type === 'template') {
    return undefined;
  }
  if (platform.windows.isOpen(phoneNumberId, customer)) {
    return undefined;
  }
  if (platform.window === 'strict') {
    throw new GraphError(REENGAGEMENT);
  }
  return REENGAGEMENT;
}

function refuse(error: GraphError | undefined): void {
  if (error !== undefined) {
    throw error;
  }
}

function answerTo(message: SentMessage, body: MessageBody, isPaced: boolean): object {
  const status = isPaced ? 'held_for_quality_assessment' : 'accepted';
  const contact =
    message.userId === undefined
      ? { input: body.to, wa_id: message.phone ?? body.to }
      : { input: message.userId, user_id: message.userId };
  return {
    messaging_product: 'whatsapp',
    contacts: [contact],
    messages: [{ id: message.id, ...(message.type === 'template' ? { message_status: status } : {}) }],
  };
}

/** In a form (and so in a batch) the nested parts come as JSON text. */
function withParsedParts(body: MessageBody): MessageBody {
  const type = typeof body.type === 'string' ? body.type : 'text';
  let parsed: MessageBody | undefined;
  for (const part of [type, 'context', 'typing_indicator']) {
    const value: unknown = body[part];
    if (typeof value === 'string' && /^[[{]/.test(value)) {
      try {
        parsed = { ...(parsed ?? body), [part]: JSON.parse(value) as unknown };
      } catch {
        throw invalidParameter(`Param ${part} must be a JSON object.`);
      }
    }
  }
  return parsed ?? body;
}
