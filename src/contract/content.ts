import type { JsonObject, JsonValue } from './json.js';

/**
 * What people and bots say to each other, the same in every direction and for every channel. A channel translates between
 * this and its network; nobody else does.
 */
export type Content =
  | TextContent
  | MediaContent
  | LocationContent
  | ContactsContent
  | ReactionContent
  | ButtonsContent
  | ListContent
  | ChoiceContent
  | TemplateContent
  | FormContent
  | OrderContent
  | EditContent
  | RevokeContent
  | SystemContent
  | UnsupportedContent
  | NativeContent;

export type ContentType = Content['type'];

export interface TextContent {
  readonly type: 'text';
  readonly text: string;
  readonly preview?: boolean;
  /** outbound: a text that is too long for one message goes as several, which follow one another; else it is refused */
  readonly split?: boolean;
}

export const MEDIA_TYPES = ['image', 'video', 'audio', 'document', 'sticker'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** Whether a file of ours can be read: not yet, yes, or no (it may be tried again). */
export type MediaState = 'pending' | 'ready' | 'failed';

/** A reference to a file: `id` is ours, or, in what is sent, the network's; `url` is anybody's. */
export interface MediaReference {
  readonly id?: string;
  /** the network's own, of a file that a customer sent */
  readonly providerId?: string;
  readonly state?: MediaState;
  /** why it failed, and when it is tried again */
  readonly error?: { readonly code: string; readonly detail: string; readonly retryAt?: string };
  readonly url?: string;
  readonly mimeType?: string;
  readonly sha256?: string;
  readonly filename?: string;
  /** bytes */
  readonly size?: number;
}

export interface MediaContent {
  readonly type: MediaType;
  readonly media: MediaReference;
  readonly caption?: string;
  /** a voice note rather than an audio file */
  readonly voice?: boolean;
  readonly animated?: boolean;
}

export interface LocationContent {
  readonly type: 'location';
  readonly latitude: number;
  readonly longitude: number;
  readonly name?: string;
  readonly address?: string;
  readonly url?: string;
}

/** Contact cards; each card keeps the network's own members (name, phones, emails, …). */
export interface ContactsContent {
  readonly type: 'contacts';
  readonly contacts: readonly JsonObject[];
}

/** An empty `emoji` takes the reaction back. `messageId` is ours where we know the message, else the network's. */
export interface ReactionContent {
  readonly type: 'reaction';
  readonly messageId: string;
  readonly emoji: string;
}

/**
 * `reply`: pressing it answers with `id`, or with `title`. `url`: opens a link. `phone`: calls `phone`; without one it asks for the
 * customer's. `location`, `email`: ask for the customer's.
 */
export interface Button {
  readonly type: 'reply' | 'url' | 'phone' | 'location' | 'email';
  readonly id?: string;
  readonly title: string;
  readonly url?: string;
  readonly phone?: string;
}

export interface ButtonsContent {
  readonly type: 'buttons';
  readonly text: string;
  readonly header?: string;
  readonly footer?: string;
  readonly buttons: readonly Button[];
}

export interface ListRow {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
}

export interface ListContent {
  readonly type: 'list';
  readonly text: string;
  /** label of the button that opens the list */
  readonly button: string;
  readonly sections: readonly { readonly title?: string; readonly rows: readonly ListRow[] }[];
  readonly header?: string;
  readonly footer?: string;
}

/** The customer's answer to buttons, a list or a template's quick reply. */
export interface ChoiceContent {
  readonly type: 'choice';
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  readonly of: 'button' | 'list' | 'template';
}

export interface TemplateParams {
  readonly header?: {
    readonly text?: string;
    readonly image?: MediaReference;
    readonly video?: MediaReference;
    readonly document?: MediaReference;
    readonly location?: Omit<LocationContent, 'type'>;
  };
  /** positional values, or named ones */
  readonly body?: readonly string[] | Readonly<Record<string, string>>;
  readonly buttons?: readonly {
    readonly index: number;
    readonly text?: string;
    readonly payload?: string;
    readonly code?: string;
    readonly flow?: JsonObject;
  }[];
  /** fills an authentication template */
  readonly code?: string;
  /** until when a limited-time offer lasts, ISO 8601 */
  readonly offer?: { readonly expiresAt: string };
}

export interface TemplateContent {
  readonly type: 'template';
  readonly name: string;
  readonly language: string;
  readonly params?: TemplateParams;
  /** the network's own array, verbatim, instead of `params` */
  readonly components?: readonly JsonObject[];
}

export interface FormContent {
  readonly type: 'form';
  readonly name: string;
  readonly body: string;
  readonly data: JsonValue;
  readonly raw: string;
}

export interface OrderContent {
  readonly type: 'order';
  readonly [key: string]: JsonValue | undefined;
}

export interface EditContent {
  readonly type: 'edit';
  readonly messageId: string;
  readonly content: Content;
}

export interface RevokeContent {
  readonly type: 'revoke';
  readonly messageId: string;
}

export interface SystemContent {
  readonly type: 'system';
  readonly event: string;
  readonly [key: string]: JsonValue | undefined;
}

/** A kind of message we have no shape for: kept whole, passed on, never dropped. */
export interface UnsupportedContent {
  readonly type: 'unsupported';
  readonly providerType: string;
  readonly raw: JsonValue;
}

/** The escape hatch, outbound only: the network's own body; addressing and correlation stay ours. */
export interface NativeContent {
  readonly type: 'native';
  readonly channel: string;
  readonly payload: JsonObject;
}

/** Content that needs no open window because the network reviewed it beforehand. */
export function isTemplate(content: Content): content is TemplateContent {
  return content.type === 'template';
}
