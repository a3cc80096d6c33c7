import type { GraphError } from './graph-error.js';
import { longer, missing, wrongValue } from './judgement.js';
import type { JsonObject } from './world.types.js';

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
  if ((type === 'button' || type === 'list' || type === 'cta_url') && (typeof text !== 'string' || text === '')) {
    return missing("interactive['body']['text']");
  }
  if (longer(text, type === 'list' ? 4096 : 1024)) {
    return wrongValue(`Body text length invalid. Max length: ${type === 'list' ? 4096 : 1024}`);
  }
  if (type === 'list' && header !== undefined && header['type'] !== 'text') {
    return wrongValue('A list takes a text header only');
  }
  if (longer(header?.['text'], 60)) {
    return wrongValue('Header text length invalid. Max length: 60');
  }
  return longer(footer?.['text'], 60) ? wrongValue('Footer text length invalid. Max length: 60') : undefined;
}

function judgeAction(type: string, action: JsonObject): Judgement {
  switch (type) {
    case 'button':
      return judgeButtons(action['buttons']);
    case 'list':
      return judgeList(action);
    case 'cta_url':
      return judgeLink(action['parameters'] as JsonObject | undefined);
    default:
      return undefined;
  }
}

function judgeButtons(buttons: unknown): Judgement {
  if (!Array.isArray(buttons) || buttons.length < 1 || buttons.length > 3) {
    return wrongValue('Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3');
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
  return isFilled(parameters['display_text'], 20)
    ? undefined
    : wrongValue('Display text length invalid. Min length: 1, Max length: 20');
}

function isFilled(text: unknown, limit: number): boolean {
  return typeof text === 'string' && text !== '' && !longer(text, limit);
}
