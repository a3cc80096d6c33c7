import {
  MEDIA_TYPES,
  type Content,
  type MediaContent,
  type MediaReference,
  type MediaType,
  type TemplateContent,
} from './content.js';

/** A file that a content names: what it is shown as, and where in the content it stands. */
export interface NamedMedia {
  readonly type: MediaType;
  readonly media: MediaReference;
  /** below the content, e.g. `media`, `params.header.image` */
  readonly path: string;
}

const HEADERS = ['image', 'video', 'document'] as const;

export function isMedia(content: Content): content is MediaContent {
  return (MEDIA_TYPES as readonly string[]).includes(content.type);
}

/** Every file that a content names: its own, or one in the header of a template. */
export function mediaOf(content: Content): readonly NamedMedia[] {
  if (isMedia(content)) return [{ type: content.type, media: content.media, path: 'media' }];
  if (content.type !== 'template') return [];
  const header = content.params?.header;
  return HEADERS.flatMap((type) => {
    const media = header?.[type];
    return media ? [{ type, media, path: `params.header.${type}` }] : [];
  });
}

/** The content with its files named otherwise. */
export function mapMedia(content: Content, change: (media: MediaReference) => MediaReference): Content {
  if (isMedia(content)) return { ...content, media: change(content.media) };
  return content.type === 'template' && mediaOf(content).length > 0 ? withHeader(content, change) : content;
}

function withHeader(content: TemplateContent, change: (media: MediaReference) => MediaReference): TemplateContent {
  const header = { ...content.params?.header };
  for (const type of HEADERS) {
    const media = header[type];
    if (media) header[type] = change(media);
  }
  return { ...content, params: { ...content.params, header } };
}
