import { GraphError, invalidParameter } from '../graph-error.js';
import type { JsonObject } from '../world.types.js';
import type { Pages } from './pages.js';
import type { PageObject, SimPage, SimPerson } from './types.js';

const HOUR_MS = 3_600_000;
const WINDOW_MS = 24 * HOUR_MS;
const HUMAN_MS = 7 * 24 * HOUR_MS;

/** Tags that are no more, since April 2026. Meta: messenger-platform/send-messages/message-tags */
const DEAD_TAGS = new Set(['CONFIRMED_EVENT_UPDATE', 'POST_PURCHASE_UPDATE', 'ACCOUNT_UPDATE']);

/** Who a body is for, or why nobody gets it. Meta: messenger-platform/error-codes */
export function judgeRecipient(pages: Pages, account: string, recipient: unknown): SimPerson {
  const id = (recipient as JsonObject | undefined)?.['id'];
  if (typeof id !== 'string') {
    throw invalidParameter('The parameter recipient is required');
  }
  const person = pages.find(account, id);
  if (person === undefined || person.actedAt === undefined) {
    throw new GraphError({ code: 100, subcode: 2018001, message: '(#100) No matching user found' });
  }
  if (person.blocks) {
    throw new GraphError({ code: 551, subcode: 1545041, message: "(#551) This person isn't available right now." });
  }
  return person;
}

/** 24 hours from what the person last did; a human has 7 days. Meta: messenger-platform/policy */
export function judgeWindow(body: JsonObject, { actedAt = 0 }: SimPerson, now: number): void {
  const { messaging_type: type, tag } = body;
  if (type !== 'RESPONSE' && type !== 'UPDATE' && type !== 'MESSAGE_TAG') {
    throw invalidParameter('Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG}');
  }
  if (type === 'MESSAGE_TAG' && (typeof tag !== 'string' || DEAD_TAGS.has(tag) || tag !== 'HUMAN_AGENT')) {
    throw invalidParameter('Param tag must be HUMAN_AGENT: the others are no longer supported');
  }
  const passed = now - actedAt;
  if (passed < (type === 'MESSAGE_TAG' ? HUMAN_MS : WINDOW_MS)) return;
  throw new GraphError({
    code: 10,
    subcode: 2018278,
    message: '(#10) This message is sent outside of allowed window.',
  });
}

/** Everything that Meta counts of a message. Meta: messenger-platform/reference/send-api; instagram-platform, messaging-api */
export function judgeMessage(pages: Pages, page: SimPage, object: PageObject, message: JsonObject): void {
  const { text, attachment, quick_replies: quick, metadata } = message;
  if ((text === undefined) === (attachment === undefined)) {
    throw invalidParameter('Message must have either text or an attachment');
  }
  if (text !== undefined) judgeText(text, object);
  if (metadata !== undefined) textOf(metadata, 'message[metadata]', 1000);
  if (attachment !== undefined) judgeAttachment(pages, page, object, attachment as JsonObject);
  if (quick !== undefined) judgeQuickReplies(quick);
}

function judgeText(text: unknown, object: PageObject): void {
  if (object === 'page') return textOf(text, 'message[text]', 2000);
  if (typeof text !== 'string' || text === '' || Buffer.byteLength(text) > 1000) {
    throw invalidParameter('Param message[text] must be UTF-8 of at most 1000 bytes.');
  }
}

function judgeQuickReplies(quick: unknown): void {
  if (!Array.isArray(quick) || quick.length === 0 || quick.length > 13) {
    throw invalidParameter('Param message[quick_replies] must have 1 to 13 items.');
  }
  for (const reply of quick as JsonObject[]) {
    switch (reply['content_type']) {
      case 'text':
        textOf(reply['title'], 'title', 20);
        textOf(reply['payload'], 'payload', 1000);
        break;
      case 'user_phone_number':
      case 'user_email':
        if (reply['title'] !== undefined) throw invalidParameter('This kind of quick reply has no title.');
        break;
      default:
        throw invalidParameter('Param content_type must be one of {text, user_phone_number, user_email}');
    }
  }
}

function judgeAttachment(pages: Pages, page: SimPage, object: PageObject, { type, payload }: JsonObject): void {
  const given = (payload ?? {}) as JsonObject;
  if (type === 'template') return judgeTemplate(given, object);
  if (type !== 'image' && type !== 'video' && type !== 'audio' && type !== 'file') {
    throw invalidParameter('Param message[attachment][type] must be one of {image, video, audio, file, template}');
  }
  const { url, attachment_id: id } = given;
  if (typeof id === 'string') {
    if (pages.attachments.get(id) !== page.id) {
      throw new GraphError({ code: 100, subcode: 2018074, message: '(#100) Invalid attachment id' });
    }
    return;
  }
  if (typeof url !== 'string' || !/^https?:\/\//.test(url)) {
    throw new GraphError({ code: 100, subcode: 2018047, message: '(#100) Upload attachment failure.' });
  }
}

function judgeTemplate(payload: JsonObject, object: PageObject): void {
  const { template_type: type, text, buttons, elements } = payload;
  if (type === 'button' && object === 'page') {
    textOf(text, 'text', 640);
    return judgeButtons(buttons);
  }
  if (type !== 'generic') {
    throw invalidParameter('Param template_type must be one of {generic, button}');
  }
  if (!Array.isArray(elements) || elements.length === 0 || elements.length > 10) {
    throw invalidParameter('Param elements must have 1 to 10 items.');
  }
  for (const element of elements as JsonObject[]) {
    textOf(element['title'], 'title', 80);
    if (element['subtitle'] !== undefined) textOf(element['subtitle'], 'subtitle', 80);
    if (element['buttons'] !== undefined) judgeButtons(element['buttons']);
  }
}

function judgeButtons(buttons: unknown): void {
  if (!Array.isArray(buttons) || buttons.length === 0 || buttons.length > 3) {
    throw invalidParameter('Param buttons must have 1 to 3 items.');
  }
  for (const button of buttons as JsonObject[]) {
    textOf(button['title'], 'title', 20);
    switch (button['type']) {
      case 'postback':
        textOf(button['payload'], 'payload', 1000);
        break;
      case 'web_url':
        if (!/^https?:\/\//.test(String(button['url']))) throw invalidParameter('Param url must be a web URL.');
        break;
      case 'phone_number':
        if (!/^\+\d+$/.test(String(button['payload']))) throw invalidParameter('Param payload must be a phone number.');
        break;
      default:
        throw invalidParameter('Param type must be one of {postback, web_url, phone_number}');
    }
  }
}

function textOf(value: unknown, name: string, max: number): void {
  if (typeof value !== 'string' || value === '' || [...value].length > max) {
    throw invalidParameter(`Param ${name} must be UTF-8 of 1 to ${max} characters.`);
  }
}
