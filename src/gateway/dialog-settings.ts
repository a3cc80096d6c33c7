import type { GatewayType, SettingKey } from '../contract/index.js';
import type { LoadedGateway } from './loaded-gateway.js';

const MAX_WORDS = 50;
const MAX_WORD_LENGTH = 60;
const MAX_IDLE_MINUTES = 525_600;

/** Metadata keys that every gateway type has beside its own: they are about dialogs, and no channel knows of them. */
const KEYS: readonly SettingKey[] = [
  {
    name: 'idle_minutes',
    default: '0',
    description:
      'After how many minutes without a message, in either direction, a dialog is closed by itself. 0: never. One that an operator has is left to them.',
    check: (value) =>
      /^\d{1,6}$/.test(value) && Number(value) <= MAX_IDLE_MINUTES
        ? undefined
        : `must be a whole number of minutes, 0 to ${MAX_IDLE_MINUTES}`,
  },
  {
    name: 'close_words',
    mayBeEmpty: true,
    default: '/close',
    description:
      'Words, separated by commas, with which a customer closes their dialog: a message that is nothing but one. Empty: none do.',
    check: (value) => {
      const given = wordsOf(value);
      if (given.length > MAX_WORDS) return `must not have more than ${MAX_WORDS} words; given are ${given.length}`;
      return given.every((word) => word.length <= MAX_WORD_LENGTH)
        ? undefined
        : `must be words of at most ${MAX_WORD_LENGTH} characters each, separated by commas`;
    },
  },
];

/** The type as people configure it: with the keys that all types have. */
export function withDialogSettings(type: GatewayType): GatewayType {
  // Not a copy: a type may be an instance of a class.
  return Object.create(type, {
    settings: { value: [...type.settings, ...KEYS], enumerable: true },
  }) as GatewayType;
}

export interface DialogPolicy {
  /** ms without a message after which a dialog ends; undefined: never */
  readonly idleMs: number | undefined;
  /** whether a text is the customer's wish to end the dialog */
  closes(text: string): boolean;
}

/** A changed gateway is a new object, so what is made of its settings lives as long as it does. */
const BY_GATEWAY = new WeakMap<LoadedGateway, DialogPolicy>();

export function dialogPolicyOf(gateway: LoadedGateway): DialogPolicy {
  const known = BY_GATEWAY.get(gateway);
  if (known) return known;
  const minutes = Number(gateway.settings['idle_minutes'] ?? 0);
  const words = new Set(wordsOf(gateway.settings['close_words'] ?? ''));
  const policy: DialogPolicy = {
    idleMs: minutes > 0 ? minutes * 60_000 : undefined,
    closes: (text) => words.size > 0 && text.length <= 2 * MAX_WORD_LENGTH && words.has(foldOf(text)),
  };
  BY_GATEWAY.set(gateway, policy);
  return policy;
}

function wordsOf(list: string): readonly string[] {
  return list
    .split(',')
    .map(foldOf)
    .filter((word) => word !== '');
}

/** Case and the spaces around a word do not count; its signs do, for “/close” is no ordinary word. */
function foldOf(text: string): string {
  return text.trim().normalize('NFC').toLowerCase();
}
