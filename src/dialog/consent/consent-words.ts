import type { Content } from '../../contract/index.js';
import type { LoadedGateway } from '../../gateway/loaded-gateway.js';
import type { ConsentState } from './consent.js';

/** Longer than any word of a list, with room for what does not count. */
const MAX_LENGTH = 100;

/** Accents of Latin, Greek and Cyrillic letters; elsewhere marks are letters of their own. */
const ACCENTS = /[\u0300-\u036f]/g;
const NO_WORD = /[\p{P}\p{S}\p{C}\p{Me}\p{Variation_Selector}]/gu;

/** What counts of a text: case, accents, punctuation, symbols and the width of spaces do not. */
export function wordOf(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    .replace(ACCENTS, '')
    .replace(NO_WORD, '')
    .normalize('NFC')
    .replace(/\s+/g, ' ')
    .trim();
}

export interface ConsentWord {
  readonly state: ConsentState;
  /** as the list has it */
  readonly word: string;
}

/** The words with which a person opts out and in. A word that is in both lists opts out. */
export class ConsentWords {
  private readonly words: ReadonlyMap<string, ConsentWord>;

  constructor(optOut: readonly string[], optIn: readonly string[]) {
    this.words = new Map([...optIn.map(entry('in')), ...optOut.map(entry('out'))]);
  }

  /** The word that a text consists of, if it is one. */
  match(text: string): ConsentWord | undefined {
    if (this.words.size === 0 || text.length > MAX_LENGTH) return undefined;
    return this.words.get(wordOf(text));
  }

  /**
   * Texts, and the quick replies under templates. Buttons and lists inside a conversation are the bot's own menus: “Cancel” is an
   * answer to it there, and says nothing about other messages.
   */
  matchContent(content: Content): ConsentWord | undefined {
    if (content.type === 'text') return this.match(content.text);
    return content.type === 'choice' && content.of === 'template' ? this.match(content.title) : undefined;
  }
}

function entry(state: ConsentState): (word: string) => [string, ConsentWord] {
  return (word) => [wordOf(word), { state, word }];
}

/** A changed gateway is a new object, so what is made of its settings lives as long as it does. */
const BY_GATEWAY = new WeakMap<LoadedGateway, ConsentWords>();

export function consentWordsOf(gateway: LoadedGateway): ConsentWords {
  const known = BY_GATEWAY.get(gateway);
  if (known) return known;
  const { optOutWords = [], optInWords = [] } = gateway.type.policies(gateway.settings);
  const made = new ConsentWords(optOutWords, optInWords);
  BY_GATEWAY.set(gateway, made);
  return made;
}
