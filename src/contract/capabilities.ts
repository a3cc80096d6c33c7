import type { ContentType, MediaType } from './content.js';
import type { ReceiptStatus } from './events.js';
import type { TemplateClass } from './templates.js';
import type { TextUnit } from './text-length.js';

/** What a channel can show and promise, as data: shown by `GET /gateway-types`, obeyed by the core. */
export interface Capabilities {
  /** content types that can be sent */
  readonly outbound: readonly ContentType[];
  readonly text: { readonly maxLength: number; readonly unit: TextUnit };
  readonly media: Partial<Record<MediaType, MediaCapability>>;
  /** ways to let a person choose, by preference */
  readonly choice: readonly ChoiceStyle[];
  /** buttons other than `reply`; each of them stands alone, or not at all */
  readonly single?: Partial<Record<SingleButtonKind, SingleButtonStyle>>;
  /** whether a location can carry a link of its own */
  readonly location?: { readonly link: boolean };
  readonly template: boolean;
  /** by what it can be said who a message goes to; absent: by a phone number or an id of the network's */
  readonly addressing?: 'user-id';
  /** kinds of templates that go to a phone number only, never to a user id of the network's */
  readonly phoneOnlyTemplates?: readonly TemplateClass[];
  /** null: the network knows no window, anything may be sent at any time */
  readonly window: {
    readonly durationMs: number;
    readonly outside: 'template-only' | 'closed';
    /** how long after the customer's last message a human may still write, where that is longer; absent: no longer */
    readonly humanMs?: number;
  } | null;
  readonly receipts: readonly ReceiptStatus[];
  /** receipts may name a moment in place of messages: see `ReceiptsUpTo` */
  readonly receiptsUpTo?: true;
  /** whether a receipt can settle an attempt whose answer was lost: by an echoed reference, or not at all */
  readonly settles: 'attempt-reference' | 'none';
  /** absent: the network names no pace and no limit */
  readonly limits?: LimitCapabilities;
}

/** Lengths are counted in the unit of `text`; a header or footer of length 0 has no place. */
interface Framed {
  readonly labelMax: number;
  readonly bodyMax: number;
  readonly headerMax: number;
  readonly footerMax: number;
  /** a text that is too long for it is shown in the next way; absent: it is refused */
  readonly yields?: true;
}

export interface ChoiceStyle extends Framed {
  readonly style: 'buttons' | 'list';
  /** what a caller should know when it is used, in a sentence */
  readonly note?: string;
  readonly maxOptions: number;
  readonly idMax: number;
  readonly descriptionMax?: number;
  /** of a list */
  readonly maxSections?: number;
  /** of buttons: kinds that may stand beside replies, and beside one another */
  readonly beside?: readonly SingleButtonKind[];
}

/** A url button, one that calls a number, and those that ask for the customer's phone number, location or email address. */
export type SingleButtonKind = 'url' | 'call' | 'ask-phone' | 'ask-location' | 'ask-email';

export interface SingleButtonStyle extends Framed {
  /** the network writes the label itself */
  readonly isLabelFixed?: boolean;
}

export interface MediaCapability {
  readonly maxBytes: number;
  readonly captionMax: number;
  /** whether the customer sees the file's name */
  readonly filename?: boolean;
  /** in lower case, without parameters; absent: any */
  readonly mimeTypes?: readonly string[];
}

interface PairCapability {
  readonly everyMs: number;
  readonly burst: number;
}

/** How much the network takes, where an account's own details say nothing else. */
export interface LimitCapabilities {
  /** messages per second and account; whether messages that come in count too */
  readonly throughput: { readonly default: number; readonly countsInbound: boolean };
  /** from one account to one person: one message every so often, so many at once on credit */
  readonly pair?: PairCapability & {
    /** in a conversation of several people, where that differs */
    readonly group?: PairCapability;
  };
  /** people whom a business may open in a moving day while nobody has told how many */
  readonly tier?: { readonly unknown: number };
}
