import type { Capabilities } from '../../contract/index.js';

/** Lengths in the unit of the network's text. */
export interface PageLimits {
  readonly text: number;
  readonly quickReplies: number;
  readonly quickReplyTitle: number;
  readonly payload: number;
  readonly templateButtons: number;
  readonly templateText: number;
  readonly buttonTitle: number;
}

/** What differs between the networks on which pages write to people: Messenger, and Instagram accounts that belong to a page. */
export interface PageNetwork {
  readonly channel: 'facebook' | 'instagram';
  /** as people call it */
  readonly title: string;
  readonly limits: PageLimits;
  readonly capabilities: Capabilities;
  /** what shows buttons that stay: a text with buttons, or a card whose title is the text */
  readonly template: 'button' | 'generic';
  /** whether what is sent with a message comes back in its echo */
  readonly echoesMetadata: boolean;
}

/** Whatever the length of a text is counted in, in words. */
export const UNIT_NAMES = {
  utf16: 'characters (UTF-16 code units)',
  'code-point': 'characters (Unicode code points)',
  'utf8-byte': 'bytes (UTF-8)',
} as const;
