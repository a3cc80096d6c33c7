import {
  isJsonObject,
  type Button,
  type ButtonsContent,
  type ListContent,
  type ListRow,
  singleKindOf,
} from '../../contract/index.js';
import { capabilities, LIMITS } from './capabilities.js';
import { isWebUrl, type Problems } from './problems.js';

/**
 * One to three reply buttons, or a single button of another kind (Meta: messages/interactive-reply-buttons-messages,
 * -cta-url-messages, -location-request-messages). What makes no sense in any form is reported whatever their number and kind.
 */
export function checkButtons(content: ButtonsContent, problems: Problems): void {
  problems.text('content.text', content.text, LIMITS.interactiveText);
  const buttons: readonly Button[] = listOfObjects('content.buttons', content.buttons, problems);
  const [first, ...others] = buttons;
  const single = first && others.length === 0 && first.type !== 'reply' ? singleKindOf(first) : undefined;
  const style = single && capabilities.single?.[single];
  const isChoice = buttons.every(({ type }) => type === 'reply') && buttons.length <= LIMITS.buttons;
  const titleMax = isChoice || (style && !style.isLabelFixed) ? LIMITS.buttonTitle : LIMITS.text;
  buttons.forEach((button, index) => checkButton(`content.buttons[${index}]`, button, titleMax, problems));
  problems.distinct('content.buttons', buttons.filter(({ type }) => type === 'reply').map(buttonId));
  checkFrame(content, style?.headerMax === 0, problems);
  if (isChoice || style) return;
  const given = buttons.map((button) => String(button.type)).join(', ');
  const alone = 'a single url button, a single request for the location or the phone number';
  problems.unsupported(
    'content.buttons',
    `WhatsApp shows 1 to ${LIMITS.buttons} reply buttons, or ${alone}; given: ${given}`,
  );
}

/** A button without an id answers with its title. */
export function buttonId(button: Button): string {
  return button.id ?? button.title;
}

function checkButton(path: string, button: Button, titleMax: number, problems: Problems): void {
  const { type, id, title, url, phone } = button;
  problems.text(`${path}.title`, title, titleMax);
  if (type === 'reply') problems.optionalText(`${path}.id`, id, LIMITS.buttonId);
  if (type === 'url' && !isWebUrl(url)) problems.invalid(`${path}.url`, 'must be an http or https link');
  if (type !== 'url' && url !== undefined) problems.invalid(`${path}.url`, 'belongs to a button of the type url');
  if (phone === undefined) return;
  if (type !== 'phone') problems.invalid(`${path}.phone`, 'belongs to a button of the type phone');
  else problems.text(`${path}.phone`, phone, LIMITS.buttonPhone);
}

/** Meta: messages/interactive-list-messages. */
export function checkList(content: ListContent, problems: Problems): void {
  problems.text('content.text', content.text, LIMITS.listText);
  problems.text('content.button', content.button, LIMITS.listButton);
  checkFrame(content, false, problems);
  const sections: ListContent['sections'] = listOfObjects('content.sections', content.sections, problems);
  problems.tooMany('content.sections', sections.length, LIMITS.listSections, 'sections');
  const rows: ListRow[] = [];
  sections.forEach((section, index) => {
    const path = `content.sections[${index}]`;
    if (section.title !== undefined) problems.text(`${path}.title`, section.title, LIMITS.sectionTitle);
    else if (sections.length > 1) problems.invalid(`${path}.title`, 'is needed when there is more than one section');
    const own: readonly ListRow[] = listOfObjects(`${path}.rows`, section.rows, problems);
    own.forEach((row, at) => checkRow(`${path}.rows[${at}]`, row, problems));
    rows.push(...own);
  });
  problems.tooMany('content.sections', rows.length, LIMITS.listRows, 'rows in all sections together');
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

/** `hasNoPlace`: beside a request WhatsApp shows neither. */
function checkFrame(
  content: { readonly header?: string; readonly footer?: string },
  hasNoPlace: boolean,
  problems: Problems,
): void {
  for (const part of ['header', 'footer'] as const) {
    const path = `content.${part}`;
    if (!hasNoPlace) problems.optionalText(path, content[part], LIMITS[part]);
    else if (content[part] !== undefined) problems.unsupported(path, `WhatsApp shows no ${part} with this button`);
  }
}

function listOfObjects<T>(path: string, value: readonly T[], problems: Problems): readonly T[] {
  const items: readonly T[] = Array.isArray(value) ? value : [];
  if (items.length > 0 && items.every((item) => isJsonObject(item))) return items;
  problems.invalid(path, 'must be a list with at least one entry');
  return [];
}
