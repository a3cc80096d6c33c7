import type { ContentType, MediaType } from './content.js';
import type { ReceiptStatus } from './events.js';

/** What a channel can show and promise, as data: shown by `GET /gateway-types`, obeyed by the core. */
export interface Capabilities {
  /** content types that can be sent */
  readonly outbound: readonly ContentType[];
  readonly text: { readonly maxLength: number; readonly unit: 'utf16' | 'code-point' | 'utf8-byte' };
  readonly media: Partial<Record<MediaType, MediaCapability>>;
  /** by preference */
  readonly choice: readonly {
    readonly style: 'buttons' | 'list';
    readonly maxOptions: number;
    readonly labelMax: number;
    readonly idMax: number;
    readonly bodyMax: number;
    readonly descriptionMax?: number;
  }[];
  readonly template: boolean;
  /** null: the network knows no window, anything may be sent at any time */
  readonly window: {
    readonly durationMs: number;
    readonly outside: 'template-only' | 'closed';
  } | null;
  readonly receipts: readonly ReceiptStatus[];
  /** whether a receipt can settle an attempt whose answer was lost: by an echoed reference, or not at all */
  readonly settles: 'attempt-reference' | 'none';
  /** absent: the network names no pace and no limit */
  readonly limits?: LimitCapabilities;
}

export interface MediaCapability {
  readonly maxBytes: number;
  readonly captionMax: number;
  /** in lower case, without parameters; absent: any */
  readonly mimeTypes?: readonly string[];
}

/** How much the network takes, where an account's own details say nothing else. */
export interface LimitCapabilities {
  /** messages per second and account; whether messages that come in count too */
  readonly throughput: { readonly default: number; readonly countsInbound: boolean };
  /** from one account to one person: one message every so often, so many at once on credit */
  readonly pair?: { readonly everyMs: number; readonly burst: number };
  /** people whom a business may open in a moving day while nobody has told how many */
  readonly tier?: { readonly unknown: number };
}
