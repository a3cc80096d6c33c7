import type { GraphError } from './graph-error.js';
import { longer, missing, wrongValue } from './judgement.js';
import type { JsonObject } from './world.types.js';

/** Kinds that show nothing without a text. */
const WITH_BODY: ReadonlySet<string> = new Set([
  'button',
  'list',
  'cta_url',
  'location_request_message',
  'request_contact_info',
  'address_message',
  'flow',
  'product_list',
  'catalog_message',
]);

type Judgement = GraphError | undefined;

/** The limits of interactive messages. Meta: messages/interactive-*; kinds that are not known here pass. */
export function judgeInteractive(interactive: JsonObject): Judgement {
  const { type, body, header, footer } = interactive;
  const action = interactive['action'] as JsonObject | undefined;
  if (typeof type !== 'string') {
    return missing("interactive['type']");
  }
  if (action === null || typeof action !== 'object') {
    return missing("interactive['action']");
  }
  return (
    judgeFrame(
      type,
      body as JsonObject | undefined,
      header as JsonObject | undefined,
      footer as JsonObject | undefined,
    ) ?? judgeAction(type, action)
  );
}

function judgeFrame(
  type: string,
  body: JsonObject | undefined,
  header: JsonObject | undefined,
  footer: JsonObject | undefined,
): Judgement {
  const text = body?.['text'];
  if (WITH_BODY.has(type) && (typeof text !== 'string' || text.trim() === '')) {
    return missing("interactive['body']['text']");
  }
  if (longer(text, type === 'list' ? 4096 : 1024)) {
    return wrongValue(`Body text length invalid. Max length: ${type === 'list' ? 4096 : 1024}`);
  }
  if ((type === 'list' || type === 'product_list') && header !== undefined && header['type'] !== 'text') {
    return wrongValue('A list takes a text header only');
  }
  if (type === 'product_list' && header === undefined) {
    return missing("interactive['header']");
  }
  const judgement = header === undefined ? undefined : judgeHeader(header);
  if (judgement !== undefined) {
    return judgement;
  }
  if (longer(header?.['text'], 60)) {
    return wrongValue('Header text length invalid. Max length: 60');
  }
  return longer(footer?.['text'], 60) ? wrongValue('Footer text length invalid. Max length: 60') : undefined;
}

function judgeHeader(header: JsonObject): Judgement {
  const type = String(header['type']);
  if (type === 'text') {
    return isFilled(header['text'], 60) ? undefined : wrongValue('Header text length invalid. Max length: 60');
  }
  if (type !== 'image' && type !== 'video' && type !== 'document') {
    return wrongValue('A header is text, image, video or document');
  }
  const file = header[type] as JsonObject | null | undefined;
  return typeof file?.['id'] === 'string' || typeof file?.['link'] === 'string'
    ? undefined
    : missing(`interactive['header']['${type}']['id'] or ['link']`);
}

function judgeAction(type: string, action: JsonObject): Judgement {
  switch (type) {
    case 'button':
      return judgeButtons(action['buttons']);
    case 'list':
      return judgeList(action);
    case 'cta_url':
      return action['name'] === 'cta_url'
        ? judgeLink(action['parameters'] as JsonObject | undefined)
        : wrongValue('The name of the action is cta_url');
    case 'location_request_message':
      return action['name'] === 'send_location' ? undefined : wrongValue('The name of the action is send_location');
    case 'request_contact_info':
    case 'call_permission_request':
      return action['name'] === type ? undefined : wrongValue(`The name of the action is ${type}`);
    case 'flow':
      return judgeFlow(action);
    case 'product':
      return isFilled(action['catalog_id'], Infinity) && isFilled(action['product_retailer_id'], Infinity)
        ? undefined
        : missing("interactive['action']['catalog_id'] and ['product_retailer_id']");
    case 'product_list':
      return judgeProducts(action);
    case 'carousel':
      return Array.isArray(action['cards']) && action['cards'].length <= 10
        ? undefined
        : wrongValue('At most 10 cards');
    default:
      return undefined;
  }
}

/** Meta: whatsapp/flows, "send"; the label takes no emoji. */
function judgeFlow({ name, parameters }: JsonObject): Judgement {
  const { flow_message_version, flow_id, flow_name, flow_cta } = (parameters ?? {}) as JsonObject;
  if (name !== 'flow' || flow_message_version !== '3') {
    return wrongValue('A flow has the name flow and flow_message_version 3');
  }
  if ((flow_id === undefined) === (flow_name === undefined)) {
    return missing('one of flow_id and flow_name');
  }
  return isFilled(flow_cta, 20) && !/\p{Extended_Pictographic}/u.test(flow_cta)
    ? undefined
    : wrongValue('flow_cta length invalid. Min length: 1, Max length: 20, no emoji');
}

function judgeProducts({ catalog_id, sections }: JsonObject): Judgement {
  if (!isFilled(catalog_id, Infinity)) {
    return missing("interactive['action']['catalog_id']");
  }
  if (!Array.isArray(sections) || sections.length < 1 || sections.length > 10) {
    return wrongValue('Invalid sections count. Min allowed sections: 1, Max allowed sections: 10');
  }
  const typed = sections as ({ title?: unknown; product_items?: unknown[] } | null)[];
  const products = typed.flatMap((section) => section?.product_items ?? []);
  return products.length < 1 || products.length > 30 || typed.some((section) => longer(section?.title, 24))
    ? wrongValue('1 to 30 products; section titles of at most 24 characters')
    : undefined;
}

function judgeButtons(buttons: unknown): Judgement {
  if (!Array.isArray(buttons) || buttons.length < 1 || buttons.length > 3) {
    return wrongValue('Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3');
  }
  if (buttons.some((button: JsonObject | null) => button?.['type'] !== 'reply')) {
    return wrongValue('The type of a button is reply');
  }
  const replies = buttons.map((button: { reply?: JsonObject } | null) => button?.reply ?? {});
  return judgeChoices(replies, { title: 20, id: 256, what: 'Button' });
}

function judgeList({ button, sections }: JsonObject): Judgement {
  if (!isFilled(button, 20)) {
    return wrongValue('Button label length invalid. Min length: 1, Max length: 20');
  }
  if (!Array.isArray(sections) || sections.length < 1 || sections.length > 10) {
    return wrongValue('Invalid sections count. Min allowed sections: 1, Max allowed sections: 10');
  }
  const typed = sections as ({ title?: unknown; rows?: JsonObject[] } | null)[];
  if (typed.some((section) => longer(section?.title, 24) || (typed.length > 1 && !isFilled(section?.title, 24)))) {
    return wrongValue('Section title length invalid. Max length: 24; required with more than one section');
  }
  const rows = typed.flatMap((section) => section?.rows ?? []);
  if (rows.length < 1 || rows.length > 10) {
    return wrongValue('Total row count exceed max allowed count: 10');
  }
  if (rows.some((row) => longer(row['description'], 72))) {
    return wrongValue('Row description is too long. Max length: 72');
  }
  return judgeChoices(rows, { title: 24, id: 200, what: 'Row' });
}

function judgeChoices(choices: JsonObject[], limits: { title: number; id: number; what: string }): Judgement {
  if (choices.some((choice) => !isFilled(choice['title'], limits.title))) {
    return wrongValue(`${limits.what} title length invalid. Min length: 1, Max length: ${limits.title}`);
  }
  if (choices.some((choice) => !isFilled(choice['id'], limits.id))) {
    return wrongValue(`${limits.what} id length invalid. Min length: 1, Max length: ${limits.id}`);
  }
  return new Set(choices.map((choice) => choice['id'])).size < choices.length
    ? wrongValue(`${limits.what} id is duplicated`)
    : undefined;
}

function judgeLink(parameters: JsonObject | undefined): Judgement {
  if (typeof parameters?.['url'] !== 'string') {
    return missing("interactive['action']['parameters']['url']");
  }
  if (!/^https?:\/\//i.test(parameters['url'])) {
    return wrongValue('The link of the button is not a web address');
  }
  return isFilled(parameters['display_text'], 20)
    ? undefined
    : wrongValue('Display text length invalid. Min length: 1, Max length: 20');
}

function isFilled(text: unknown, limit: number): text is string {
  return typeof text === 'string' && text !== '' && !longer(text, limit);
}
