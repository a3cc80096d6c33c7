import {
  type ButtonsContent,
  type Capabilities,
  type Content,
  isMedia,
  type ListContent,
  singleKindOf,
  textLength,
} from '../contract/index.js';

/** A text of a content, and how long the capabilities let it be. */
export interface Measured {
  readonly path: string;
  readonly text: string;
  readonly max: number;
  /** what the customer sees of it, so that it must be in what is rendered; else it only must not be too long there */
  readonly isSeen: boolean;
}

/** Every text of a content that goes to `render`, with its limit. */
function textsOf(content: Content, capabilities: Capabilities): readonly Measured[] {
  if (isMedia(content)) {
    const { caption } = content;
    const max = capabilities.media[content.type]?.captionMax ?? 0;
    return caption === undefined ? [] : [seen('content.caption', caption, max)];
  }
  switch (content.type) {
    case 'text':
      return [seen('content.text', content.text, capabilities.text.maxLength)];
    case 'buttons':
      return textsOfButtons(content, capabilities);
    case 'list':
      return textsOfList(content, capabilities);
    default:
      return [];
  }
}

/** Which of the declared limits a content breaks that goes to `render`, in sentences: of several styles, those of the last that was tried. */
export function brokenLimits(content: Content, capabilities: Capabilities): readonly string[] {
  if (!capabilities.outbound.includes(content.type)) return [`${content.type} is not in outbound`];
  const own = capabilities.choice.filter(({ style }) => style === content.type);
  let broken: readonly string[] = [];
  for (const style of own.length > 0 ? own : [undefined]) {
    broken = brokenIn(content, { ...capabilities, choice: style ? [style] : [] });
    if (broken.length === 0) return [];
  }
  return broken;
}

function brokenIn(content: Content, capabilities: Capabilities): readonly string[] {
  const long = textsOf(content, capabilities)
    .map((one) => ({ ...one, length: textLength(one.text, capabilities.text.unit) }))
    .filter(({ length, max }) => length > max)
    .map(
      ({ path, length, max }) =>
        `${path} is ${length} long, and the capabilities say ${max} (in ${capabilities.text.unit})`,
    );
  return [...long, ...brokenCounts(content, capabilities)];
}

/** Every text with the most that any style of its kind lets it be. */
export function mostOf(content: Content, capabilities: Capabilities): readonly Measured[] {
  const own = capabilities.choice.filter(({ style }) => style === content.type);
  const styles = own.length > 0 ? own : [undefined];
  const each = styles.map((style) => textsOf(content, { ...capabilities, choice: style ? [style] : [] }));
  return (each[0] ?? []).map((one, index) => ({
    ...one,
    max: Math.max(...each.map((texts) => texts[index]?.max ?? 0)),
  }));
}

function brokenCounts(content: Content, { choice, single, location }: Capabilities): readonly string[] {
  switch (content.type) {
    case 'buttons': {
      const style = choice.find((one) => one.style === 'buttons');
      const isSingle = content.buttons.length === 1 && content.buttons[0]?.type !== 'reply';
      if (isSingle) {
        const kind = content.buttons[0] && singleKindOf(content.buttons[0]);
        return kind && single?.[kind] ? [] : [`single has no style for ${kind}`];
      }
      if (!style) return ['choice has no style for buttons'];
      const most = style.maxOptions;
      const other = content.buttons.find(
        (button) => button.type !== 'reply' && !style.beside?.includes(singleKindOf(button)),
      );
      if (other)
        return [`a button of the type ${other.type} stands beside others, which choice.buttons.beside does not allow`];
      return content.buttons.length > most
        ? [`there are ${content.buttons.length} buttons, and choice.buttons.maxOptions is ${most}`]
        : [];
    }
    case 'list': {
      const style = choice.find((one) => one.style === 'list');
      if (!style) return ['choice has no style for a list'];
      const rows = content.sections.flatMap((section) => section.rows).length;
      const sections = content.sections.length;
      if (rows > style.maxOptions) return [`there are ${rows} rows, and choice.list.maxOptions is ${style.maxOptions}`];
      return sections > (style.maxSections ?? Infinity)
        ? [`there are ${sections} sections, and choice.list.maxSections is ${style.maxSections}`]
        : [];
    }
    case 'location':
      return content.url !== undefined && !location?.link
        ? ['a location has a link, which capabilities.location does not allow']
        : [];
    default:
      return [];
  }
}

function textsOfButtons(content: ButtonsContent, { choice, single }: Capabilities): Measured[] {
  const [only, ...others] = content.buttons;
  const alone = only && others.length === 0 && only.type !== 'reply' ? single?.[singleKindOf(only)] : undefined;
  const style = alone ?? choice.find((one) => one.style === 'buttons');
  if (!style) return [];
  const idMax = 'idMax' in style ? style.idMax : Infinity;
  const labels = content.buttons.flatMap(({ type, id, title }, index) => [
    ...(alone?.isLabelFixed ? [] : [seen(`content.buttons[${index}].title`, title, style.labelMax)]),
    ...(type === 'reply' ? [hidden(`content.buttons[${index}].id`, id ?? title, idMax)] : []),
  ]);
  return [...framed(content, style), ...labels];
}

function textsOfList(content: ListContent, { choice }: Capabilities): Measured[] {
  const style = choice.find((one) => one.style === 'list');
  if (!style) return [];
  const rows = content.sections.flatMap((section, at) =>
    section.rows.flatMap(({ id, title, description }, index) => {
      const path = `content.sections[${at}].rows[${index}]`;
      return [
        seen(`${path}.title`, title, style.labelMax),
        hidden(`${path}.id`, id, style.idMax),
        ...(description === undefined ? [] : [seen(`${path}.description`, description, style.descriptionMax ?? 0)]),
      ];
    }),
  );
  return [...framed(content, style), ...rows];
}

function framed(
  { text, header, footer }: ButtonsContent | ListContent,
  {
    bodyMax,
    headerMax,
    footerMax,
  }: { readonly bodyMax: number; readonly headerMax: number; readonly footerMax: number },
): Measured[] {
  return [
    seen('content.text', text, bodyMax),
    ...(header === undefined ? [] : [seen('content.header', header, headerMax)]),
    ...(footer === undefined ? [] : [seen('content.footer', footer, footerMax)]),
  ];
}

const seen = (path: string, text: string, max: number): Measured => ({ path, text, max, isSeen: true });
const hidden = (path: string, text: string, max: number): Measured => ({ path, text, max, isSeen: false });
