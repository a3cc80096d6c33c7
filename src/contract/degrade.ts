import type { Capabilities, ChoiceStyle, SingleButtonKind, SingleButtonStyle } from './capabilities.js';
import type { Button, ButtonsContent, Content, ListContent, LocationContent, MediaContent } from './content.js';
import { textLength } from './text-length.js';

/** What a channel shows of a content, and in plain words what that changed. */
export interface Degraded {
  readonly content: Content;
  /** empty: nothing was changed */
  readonly notes: readonly string[];
}

/** The label that opens a list made of buttons: no language's own word for it fits all. */
const LIST_LABEL = 'Menu';

/**
 * What a channel cannot show as it is becomes what it can show: buttons → list → numbered text, list → buttons (where there are no
 * lists) → numbered text, location → link to a map. Pure, total, and the same for the same input, so that it is done again where it is needed and stored nowhere.
 * It changes kinds, never lengths: no text, label, link or phone number gets lost or shortened, and what is too long stays so.
 * What cannot be shown at all stays as it is, for `check` to refuse.
 */
export function degrade(content: Content, capabilities: Capabilities): Degraded {
  switch (content.type) {
    case 'buttons':
      return degradeButtons(content, capabilities);
    case 'list':
      return degradeList(content, capabilities);
    case 'location':
      return degradeLocation(content, capabilities);
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker':
      return noteFilename(content, capabilities);
    default:
      return { content, notes: [] };
  }
}

function degradeButtons(content: ButtonsContent, capabilities: Capabilities): Degraded {
  const { buttons } = content;
  const [first, ...more] = buttons;
  if (!first) return { content, notes: [] };
  const shown = showButtons(content, first, more, capabilities);
  const unsent = buttons
    .filter(({ type, id }) => type !== 'reply' && id !== undefined)
    .map(({ title }) => `Only reply buttons answer with an id: that of "${title}" is not sent.`);
  return { content: shown.content, notes: [...shown.notes, ...unsent] };
}

function showButtons(
  content: ButtonsContent,
  first: Button,
  more: readonly Button[],
  capabilities: Capabilities,
): Degraded {
  if (first.type !== 'reply' && more.length === 0) {
    const style = capabilities.single?.[singleKindOf(first)];
    const shown = style && asSingle(content, first, style, capabilities);
    return shown ?? asText(content, capabilities, `A button of the type ${first.type} cannot be shown with this label`);
  }
  for (const style of capabilities.choice) {
    const shown = asChoice(content, style, capabilities);
    if (shown) return shown;
  }
  return asText(content, capabilities, whyNoChoice(content, capabilities));
}

function asSingle(
  content: ButtonsContent,
  button: Button,
  style: SingleButtonStyle,
  capabilities: Capabilities,
): Degraded | undefined {
  if (!style.isLabelFixed && lengthIn(capabilities)(button.title) > style.labelMax) return undefined;
  if (style.yields && lengthIn(capabilities)(content.text) > style.bodyMax) return undefined;
  const framed = frame(content, [], style, capabilities);
  if (!framed) return undefined;
  const notes = [...framed.notes];
  if (style.isLabelFixed) notes.push(`The network writes its own label on this button, not "${button.title}".`);
  if (!framed.isMoved) return { content, notes };
  return { content: { type: 'buttons', ...framed.parts, buttons: content.buttons }, notes };
}

/** Reply buttons as buttons or as a list; what may not stand beside them moves into the text. */
function asChoice(content: ButtonsContent, style: ChoiceStyle, capabilities: Capabilities): Degraded | undefined {
  const length = lengthIn(capabilities);
  const isList = style.style === 'list';
  const isShown = (button: Button): boolean =>
    button.type === 'reply' || (!isList && (style.beside?.includes(singleKindOf(button)) ?? false));
  const replies = content.buttons.filter(isShown);
  const others = content.buttons.filter((button) => !isShown(button));
  if (replies.length === 0 || replies.length > style.maxOptions) return undefined;
  if (replies.some(({ title }) => length(title) > style.labelMax)) return undefined;
  if (style.yields && length(content.text) > style.bodyMax) return undefined;
  if (isList && replies.some(({ id, title }) => length(id ?? title) > style.idMax)) return undefined;
  const framed = frame(content, others.map(lineOf), style, capabilities);
  if (!framed) return undefined;
  const notes = others.map(({ title }) => `Only reply buttons can stand together: "${title}" moved into the text.`);
  notes.push(...framed.notes);
  if (style.note !== undefined) notes.push(style.note);
  if (!isList && !framed.isMoved) return { content, notes };
  if (!isList) return { content: { type: 'buttons', ...framed.parts, buttons: replies }, notes };
  notes.push(`${whyNoButtons(replies, capabilities)}: they became a list that opens with "${LIST_LABEL}".`);
  const rows = replies.map(({ id, title }) => ({ id: id ?? title, title }));
  return { content: { type: 'list', ...framed.parts, button: LIST_LABEL, sections: [{ rows }] }, notes };
}

function degradeList(content: ListContent, capabilities: Capabilities): Degraded {
  const style = capabilities.choice.find((one) => one.style === 'list');
  const { sections } = content;
  const count = sections.reduce((sum, { rows }) => sum + rows.length, 0);
  const fits = style && count <= style.maxOptions && sections.length <= (style.maxSections ?? Infinity);
  const framed = fits && frame(content, [], style, capabilities);
  if (framed && !framed.isMoved) return { content, notes: [] };
  if (framed) {
    const { button } = content;
    return { content: { type: 'list', ...framed.parts, button, sections }, notes: framed.notes };
  }
  const buttons = style ? undefined : asButtons(content, capabilities);
  if (buttons) return buttons;
  const why =
    style && count > style.maxOptions
      ? `${count} rows are more than the ${style.maxOptions} that can be shown`
      : `A list of ${sections.length} sections cannot be shown`;
  return asText(content, capabilities, `${why} (the list would have opened with "${content.button}")`);
}

/** Where there are no lists, and buttons enough: a row is a button, and what else it says stands in the text. */
function asButtons(content: ListContent, capabilities: Capabilities): Degraded | undefined {
  const rows = content.sections.flatMap((section) => section.rows);
  const lines = content.sections.flatMap(({ title, rows: own }) => {
    const described = own.filter(({ description }) => description !== undefined && description !== '');
    return [title, ...described.map((row) => `${row.title} – ${row.description}`)];
  });
  const shown = lines.filter((line) => line !== undefined && line !== '') as string[];
  const length = lengthIn(capabilities);
  const fits = (style: ChoiceStyle): boolean =>
    style.style === 'buttons' &&
    rows.length > 0 &&
    rows.length <= style.maxOptions &&
    rows.every(({ title }) => length(title) <= style.labelMax);
  for (const style of capabilities.choice.filter(fits)) {
    const framed = frame(content, shown, style, capabilities);
    if (!framed || (style.yields && length(framed.parts.text) > style.bodyMax)) continue;
    return rowsAsButtons(content, shown, framed, style);
  }
  return undefined;
}

function rowsAsButtons(content: ListContent, shown: readonly string[], framed: Frame, style: ChoiceStyle): Degraded {
  const rows = content.sections.flatMap((section) => section.rows);
  const buttons = rows.map(({ id, title }) => ({ type: 'reply' as const, id, title }));
  const notes = [
    ...framed.notes,
    `A list cannot be shown (it would have opened with "${content.button}"): it became buttons.`,
  ];
  if (shown.length > 0) notes.push('Section titles and descriptions moved into the text.');
  if (style.note !== undefined) notes.push(style.note);
  return { content: { type: 'buttons', ...framed.parts, buttons }, notes };
}

function degradeLocation(content: LocationContent, capabilities: Capabilities): Degraded {
  const { latitude, longitude, name, address, url } = content;
  if (capabilities.outbound.includes('location')) {
    if (url === undefined || capabilities.location?.link) return { content, notes: [] };
    const { url: _, ...rest } = content;
    const notes = ['A location cannot carry a link: it moved into the address.'];
    return { content: { ...rest, address: joined([address, url], ' ') }, notes };
  }
  if (!capabilities.outbound.includes('text')) return { content, notes: [] };
  const map = `https://maps.google.com/?q=${latitude},${longitude}`;
  const text = joined([name, address, url, map], '\n');
  return { content: { type: 'text', text }, notes: ['A location cannot be shown: it became a link to a map.'] };
}

function noteFilename(content: MediaContent, capabilities: Capabilities): Degraded {
  const { filename } = content.media;
  const isShown = filename === undefined || capabilities.media[content.type]?.filename !== false;
  return { content, notes: isShown ? [] : [`The file name "${filename}" is not shown with this kind of file.`] };
}

/** Everything in one text: header, text, a line for each choice, footer. */
function asText(content: ButtonsContent | ListContent, capabilities: Capabilities, why: string): Degraded {
  if (!capabilities.outbound.includes('text')) return { content, notes: [] };
  const groups =
    content.type === 'list'
      ? content.sections.map(({ title, rows }) => ({
          title,
          lines: rows.map((row) => joined([row.title, row.description], ' – ')),
        }))
      : [{ title: undefined, lines: content.buttons.map(lineOf) }];
  const count = groups.reduce((sum, { lines }) => sum + lines.length, 0);
  let number = 0;
  const numbered = (line: string): string => (count > 1 ? `${++number}. ${line}` : line);
  const choices = groups.map(({ title, lines }) => joined([title, ...lines.map(numbered)], '\n'));
  const text = joined([content.header, content.text, ...choices, content.footer], '\n\n');
  const notes = [`${why}: it became ${count > 1 ? 'numbered lines' : 'a line'} of the text, and answers come as text.`];
  return { content: { type: 'text', text }, notes };
}

/** What stands around the choices. */
interface Frame {
  readonly parts: Pick<ButtonsContent, 'text' | 'header' | 'footer'>;
  /** whether anything moved into the text */
  readonly isMoved: boolean;
  readonly notes: readonly string[];
}

/** Text, header and footer in a style; undefined when what moves into the text makes it too long. */
function frame(
  { header, text, footer }: ButtonsContent | ListContent,
  lines: readonly string[],
  style: Pick<ChoiceStyle, 'headerMax' | 'footerMax' | 'bodyMax'>,
  capabilities: Capabilities,
): Frame | undefined {
  const moves = {
    header: style.headerMax === 0 ? header : undefined,
    footer: style.footerMax === 0 ? footer : undefined,
  };
  const body = joined([moves.header, text, joined(lines, '\n'), moves.footer], '\n\n');
  const moved = (['header', 'footer'] as const).filter((part) => moves[part] !== undefined);
  const isMoved = moved.length > 0 || lines.length > 0;
  if (isMoved && lengthIn(capabilities)(body) > style.bodyMax) return undefined;
  return {
    parts: {
      text: body,
      ...(header !== undefined && moves.header === undefined && { header }),
      ...(footer !== undefined && moves.footer === undefined && { footer }),
    },
    isMoved,
    notes: moved.map((part) => `There is no place for the ${part}: it moved into the text.`),
  };
}

function whyNoButtons(replies: readonly Button[], capabilities: Capabilities): string {
  const style = capabilities.choice.find((one) => one.style === 'buttons');
  if (!style) return 'Buttons cannot be shown';
  if (replies.length > style.maxOptions) {
    return `${replies.length} buttons are more than the ${style.maxOptions} that can be shown`;
  }
  const long = replies.find(({ title }) => lengthIn(capabilities)(title) > style.labelMax);
  return long
    ? `"${long.title}" is longer than the ${style.labelMax} that a button can show`
    : 'The text is too long for buttons';
}

function whyNoChoice({ buttons }: ButtonsContent, capabilities: Capabilities): string {
  const replies = buttons.filter(({ type }) => type === 'reply');
  if (replies.length === 0) return 'Only reply buttons can stand together';
  if (capabilities.choice.length === 0) return 'Buttons cannot be shown';
  const most = Math.max(...capabilities.choice.map(({ maxOptions }) => maxOptions));
  if (replies.length > most) return `${replies.length} buttons are more than the ${most} that can be shown`;
  return whyNoButtons(replies, capabilities);
}

/** A button as a line: what it opens or calls stands beside its title. */
function lineOf({ type, title, url, phone }: Button): string {
  const target = type === 'url' ? url : type === 'phone' ? phone : undefined;
  return joined([title, target === title ? undefined : target], ': ');
}

/** What a button other than `reply` does. */
export function singleKindOf({ type, phone }: Button): SingleButtonKind {
  if (type === 'phone') return phone === undefined ? 'ask-phone' : 'call';
  return type === 'location' ? 'ask-location' : type === 'email' ? 'ask-email' : 'url';
}

function lengthIn({ text }: Capabilities): (value: string) => number {
  return (value) => textLength(value, text.unit);
}

function joined(parts: readonly (string | undefined)[], separator: string): string {
  return parts.filter((part) => part !== undefined && part !== '').join(separator);
}
