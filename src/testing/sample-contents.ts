import {
  type Button,
  type ButtonsContent,
  type Capabilities,
  type Content,
  type ContentType,
  type ListContent,
  MEDIA_TYPES,
  type SingleButtonKind,
  textLength,
} from '../contract/index.js';

export interface Bordered {
  /** e.g. `a text at its limit` */
  readonly name: string;
  readonly content: Content;
  /** the capabilities promise that it goes out as it is; else it must be refused, or become something that fits */
  readonly fits: boolean;
}

/** One ordinary content of every kind that a person can send. */
export const SAMPLES: Readonly<Record<string, Content>> = {
  text: { type: 'text', text: 'Is it open?' },
  ...Object.fromEntries(MEDIA_TYPES.map((type) => [type, { type, media: { url: 'https://files.example/a' } }])),
  location: { type: 'location', latitude: 50.45, longitude: 30.52, name: 'Office' },
  contacts: {
    type: 'contacts',
    contacts: [{ name: { formatted_name: 'Ann Lee', first_name: 'Ann' }, phones: [{ phone: '+16505551234' }] }],
  },
  reaction: { type: 'reaction', messageId: 'message-4711', emoji: '👍' },
  buttons: buttonsOf([{ type: 'reply', id: 'yes', title: 'Yes' }]),
  list: listOf([[{ id: 'tea', title: 'Tea' }]]),
  template: { type: 'template', name: 'order_ready', language: 'en_US' },
};

/** What nobody can send: people only receive it. */
export const NEVER_SENT: readonly Content[] = [
  { type: 'choice', id: 'a', title: 'A', of: 'button' },
  { type: 'form', name: 'a', body: 'a', data: {}, raw: '{}' },
  { type: 'order' },
  { type: 'edit', messageId: 'a', content: { type: 'text', text: 'a' } },
  { type: 'revoke', messageId: 'a' },
  { type: 'system', event: 'a' },
  { type: 'unsupported', providerType: 'a', raw: null },
];

/** A sample of each type that the capabilities name; undefined where only the channel's author can give one. */
export function sampleOf(
  type: ContentType,
  own: Partial<Record<ContentType, Content>> | undefined,
): Content | undefined {
  return own?.[type] ?? SAMPLES[type];
}

/** Contents that touch each limit, from both sides. */
export function bordered(capabilities: Capabilities): readonly Bordered[] {
  return [
    ...ofText(capabilities),
    ...ofCaptions(capabilities),
    ...ofChoices(capabilities),
    ...ofSingles(capabilities),
    ...ofLocation(capabilities),
  ];
}

/** As long as is allowed, or one more: of letters, and of characters that the units count differently. */
function* sized(max: number, { text: { unit } }: Capabilities): Generator<{ text: string; fits: boolean; of: string }> {
  for (const character of ['a', 'ß', '😀']) {
    const most = Math.floor(max / textLength(character, unit));
    if (most < 1) continue;
    yield { text: character.repeat(most), fits: true, of: `${most} × ${character}` };
    yield { text: character.repeat(most + 1), fits: false, of: `${most + 1} × ${character}` };
  }
}

function ofText(capabilities: Capabilities): Bordered[] {
  if (!capabilities.outbound.includes('text')) return [];
  return [...sized(capabilities.text.maxLength, capabilities)].map(({ text, fits, of }) => ({
    name: `a text of ${of}`,
    content: { type: 'text', text },
    fits,
  }));
}

function ofCaptions(capabilities: Capabilities): Bordered[] {
  return MEDIA_TYPES.flatMap((type) => {
    const own = capabilities.media[type];
    if (!own) return [];
    const media = { url: 'https://files.example/a' };
    const sizes =
      own.captionMax > 0 ? [...sized(own.captionMax, capabilities)] : [{ text: 'a', fits: false, of: '1 × a' }];
    return sizes.map(({ text, fits, of }): Bordered => ({
      name: `a caption of ${of} with ${type}`,
      content: { type, media, caption: text },
      fits,
    }));
  });
}

type Framed = ButtonsContent | ListContent;
type Frame = {
  readonly labelMax: number;
  readonly bodyMax: number;
  readonly headerMax: number;
  readonly footerMax: number;
};

function ofFrame(what: string, base: Framed, style: Frame, capabilities: Capabilities): Bordered[] {
  const places = [
    ['text', style.bodyMax],
    ['header', style.headerMax],
    ['footer', style.footerMax],
  ] as const;
  return places.flatMap(([place, max]) =>
    [...sized(max, capabilities)].map(({ text, fits, of }) => ({
      name: `a ${place} of ${of} with ${what}`,
      content: { ...base, [place]: text },
      fits,
    })),
  );
}

function ofChoices(capabilities: Capabilities): Bordered[] {
  return capabilities.choice.flatMap((style) => {
    const many = (count: number): Content => {
      const options = Array.from({ length: count }, (_, index) => ({ id: `o${index}`, title: `O${index}` }));
      return style.style === 'list'
        ? listOf([options])
        : buttonsOf(options.map((option) => ({ type: 'reply', ...option })));
    };
    const one = (id: string, title: string, description?: string): Content =>
      style.style === 'list'
        ? listOf([[{ id, title, ...(description !== undefined && { description }) }]])
        : buttonsOf([{ type: 'reply', id, title }]);
    const what = style.style === 'list' ? 'a list' : 'buttons';
    const cases: Bordered[] = [
      { name: `${style.maxOptions} options of ${what}`, content: many(style.maxOptions), fits: true },
      { name: `${style.maxOptions + 1} options of ${what}`, content: many(style.maxOptions + 1), fits: false },
      ...ofFrame(what, one('id', 'Yes') as Framed, style, capabilities),
      ...[...sized(style.labelMax, capabilities)].map(({ text, fits, of }) => ({
        name: `a label of ${of} in ${what}`,
        content: one('id', text),
        fits,
      })),
    ];
    for (const [length, fits] of [
      [style.idMax, true],
      [style.idMax + 1, false],
    ] as const) {
      cases.push({ name: `an id of ${length} letters in ${what}`, content: one('i'.repeat(length), 'Yes'), fits });
    }
    if (style.style === 'list') {
      for (const { text, fits, of } of sized(style.descriptionMax ?? 0, capabilities)) {
        cases.push({ name: `a description of ${of}`, content: one('id', 'Yes', text), fits });
      }
      const sections = style.maxSections ?? 0;
      for (const count of sections > 0 ? [sections, sections + 1] : []) {
        const rows = Array.from({ length: count }, (_, index) => [{ id: `r${index}`, title: `R${index}` }]);
        cases.push({
          name: `${count} sections`,
          content: listOf(rows),
          fits: count <= sections && count <= style.maxOptions,
        });
      }
    }
    return cases;
  });
}

const SINGLES: Readonly<Record<SingleButtonKind, Omit<Button, 'title'>>> = {
  url: { type: 'url', url: 'https://shop.example/' },
  call: { type: 'phone', phone: '+16505551234' },
  'ask-phone': { type: 'phone' },
  'ask-location': { type: 'location' },
  'ask-email': { type: 'email' },
};

/** Those that the channel has, and those that it has not. */
function ofSingles(capabilities: Capabilities): Bordered[] {
  return (Object.keys(SINGLES) as SingleButtonKind[]).flatMap((kind) => {
    const style = capabilities.single?.[kind];
    const base = buttonsOf([{ ...SINGLES[kind], title: 'Go' }]);
    if (!style) return [{ name: `a button of the kind ${kind}`, content: base, fits: false }];
    const labels = style.isLabelFixed ? [] : [...sized(style.labelMax, capabilities)];
    return [
      ...ofFrame(`a button of the kind ${kind}`, base, style, capabilities),
      ...labels.map(({ text, fits, of }) => ({
        name: `a label of ${of} on a button of the kind ${kind}`,
        content: buttonsOf([{ ...SINGLES[kind], title: text }]),
        fits,
      })),
    ];
  });
}

function ofLocation(capabilities: Capabilities): Bordered[] {
  const content: Content = {
    type: 'location',
    latitude: 1,
    longitude: 2,
    name: 'A',
    address: 'B',
    url: 'https://a.example',
  };
  return [{ name: 'a location with a link', content, fits: capabilities.location?.link === true }];
}

function buttonsOf(buttons: readonly Button[]): ButtonsContent {
  return { type: 'buttons', text: 'Choose', buttons };
}

function listOf(rows: readonly ListContent['sections'][number]['rows'][]): ListContent {
  return {
    type: 'list',
    text: 'Choose',
    button: 'Menu',
    sections: rows.map((own, index) => ({ title: `Part ${index + 1}`, rows: own })),
  };
}
