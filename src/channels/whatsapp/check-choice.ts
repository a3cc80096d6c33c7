import {
  isJsonObject,
  type Button,
  type ButtonsContent,
  type ListContent,
  type ListRow,
} from '../../contract/index.js';
import { LIMITS } from './capabilities.js';
import { isWebUrl, type Problems } from './problems.js';

/** One to three reply buttons, or a single link (Meta: messages/interactive-reply-buttons-messages, -cta-url-messages). */
export function checkButtons(content: ButtonsContent, problems: Problems): void {
  problems.text('content.text', content.text, LIMITS.buttonsText);
  checkFrame(content, problems);
  const buttons: readonly Button[] = listOfObjects('content.buttons', content.buttons, problems);
  if (buttons.length === 0) return;
  const [first, ...others] = buttons;
  if (first?.type === 'url' && others.length === 0) return checkLink(first, problems);
  const native = buttons.every((button) => button.type === 'reply') && buttons.length <= LIMITS.buttons;
  if (!native) {
    const given = buttons.map((button) => String(button.type)).join(', ');
    const allowed = `WhatsApp shows 1 to ${LIMITS.buttons} reply buttons, or a single url button`;
    return problems.unsupported('content.buttons', `${allowed}; given: ${given}`);
  }
  buttons.forEach((button, index) => {
    problems.text(`content.buttons[${index}].title`, button.title, LIMITS.buttonTitle);
    problems.optionalText(`content.buttons[${index}].id`, button.id, LIMITS.buttonId);
  });
  problems.distinct('content.buttons', buttons.map(buttonId));
}

/** A button without an id answers with its title. */
export function buttonId(button: Button): string {
  return button.id ?? button.title;
}

function checkLink(button: Button, problems: Problems): void {
  problems.text('content.buttons[0].title', button.title, LIMITS.buttonTitle);
  if (!isWebUrl(button.url)) problems.invalid('content.buttons[0].url', 'must be an http or https link');
}

/** Meta: messages/interactive-list-messages. */
export function checkList(content: ListContent, problems: Problems): void {
  problems.text('content.text', content.text, LIMITS.listText);
  problems.text('content.button', content.button, LIMITS.listButton);
  checkFrame(content, problems);
  const sections: ListContent['sections'] = listOfObjects('content.sections', content.sections, problems);
  atMost('content.sections', sections.length, LIMITS.listSections, 'sections', problems);
  const rows: ListRow[] = [];
  sections.forEach((section, index) => {
    const path = `content.sections[${index}]`;
    if (section.title !== undefined) problems.text(`${path}.title`, section.title, LIMITS.sectionTitle);
    else if (sections.length > 1) problems.invalid(`${path}.title`, 'is needed when there is more than one section');
    const own: readonly ListRow[] = listOfObjects(`${path}.rows`, section.rows, problems);
    own.forEach((row, at) => checkRow(`${path}.rows[${at}]`, row, problems));
    rows.push(...own);
  });
  atMost('content.sections', rows.length, LIMITS.listRows, 'rows in all sections together', problems);
  problems.distinct(
    'content.sections',
    rows.map((row) => row.id),
  );
}

function checkRow(path: string, row: ListRow, problems: Problems): void {
  problems.text(`${path}.id`, row.id, LIMITS.rowId);
  problems.text(`${path}.title`, row.title, LIMITS.rowTitle);
  problems.optionalText(`${path}.description`, row.description, LIMITS.rowDescription);
}

function checkFrame(content: { readonly header?: string; readonly footer?: string }, problems: Problems): void {
  problems.optionalText('content.header', content.header, LIMITS.header);
  problems.optionalText('content.footer', content.footer, LIMITS.footer);
}

function atMost(path: string, count: number, max: number, what: string, problems: Problems): void {
  if (count > max) problems.unsupported(path, `has ${count} ${what}; WhatsApp shows ${max}`);
}

function listOfObjects<T>(path: string, value: readonly T[], problems: Problems): readonly T[] {
  const items: readonly T[] = Array.isArray(value) ? value : [];
  if (items.length > 0 && items.every((item) => isJsonObject(item))) return items;
  problems.invalid(path, 'must be a list with at least one entry');
  return [];
}
