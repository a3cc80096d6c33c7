import type { Random } from '../../src/simulator/random.js';
import { type SentMessage, type WorldInput, DEFAULT_WORLD } from '../../src/simulator/simulator.js';

/** Three numbers: two of one portfolio with room for everybody, and one of a portfolio that is too small for its people. */
export const NUMBERS = {
  slow: DEFAULT_WORLD.phoneNumberId,
  fast: '106540352241000',
  scarce: '106540352240250',
} as const;

const PORTFOLIO = { id: DEFAULT_WORLD.businessId, messagingLimit: 2_000 };
/** Of its 250 people, marketing may open 200: fewer than the mix writes to. */
export const SCARCE = { id: '506914307650250', messagingLimit: 250 };
const SCARCE_WABA = '102290129340250';

const body = (words: string) => [{ type: 'BODY', text: words }];
const templates = [
  { name: 'login_code', category: 'AUTHENTICATION', components: body('Code {{1}}') },
  { name: 'order_update', category: 'UTILITY', components: body('Order {{1}}') },
  { name: 'promo', category: 'MARKETING', components: body('Buy {{1}}') },
];

export const MIX_WORLD: WorldInput = {
  businesses: [PORTFOLIO, { ...SCARCE, name: 'Acme Small' }].map((one) => ({ name: 'Acme', ...one })),
  wabas: [
    {
      id: DEFAULT_WORLD.wabaId,
      templates,
      phoneNumbers: [{ id: NUMBERS.fast, display_phone_number: '+1 555-078-1000', throughput: { level: 'HIGH' } }],
    },
    {
      id: SCARCE_WABA,
      name: 'Acme Small',
      ownedBy: SCARCE.id,
      templates,
      phoneNumbers: [{ id: NUMBERS.scarce, display_phone_number: '+1 555-078-0250' }],
    },
  ],
};

/** People and messages per number: `windows` of the people have written before, and may be answered freely. */
const SHARES: readonly { number: string; people: number; windows: number; messages: number }[] = [
  { number: NUMBERS.slow, people: 250, windows: 30, messages: 900 },
  { number: NUMBERS.fast, people: 1_100, windows: 60, messages: 3_500 },
  { number: NUMBERS.scarce, people: 350, windows: 10, messages: 600 },
];

/** A message of the mix; `mark` is in whatever part of it goes on the wire. */
export interface Planned {
  readonly mark: string;
  readonly number: string;
  readonly phone: string;
  /** in a line of its own time: it may leave before or after its neighbours */
  readonly isScheduled: boolean;
  readonly body: (now: number) => Readonly<Record<string, unknown>>;
}

export interface Mix {
  readonly messages: readonly Planned[];
  /** who opens a window before, and where */
  readonly writers: readonly { readonly phone: string; readonly number: string }[];
}

/** 5,000 messages of all classes, several to a person, in an order that the seed shuffles. */
export function planMix(random: Random): Mix {
  const dice = random.fork('mix');
  const writers: Mix['writers'][number][] = [];
  const places: { number: string; phone: string; isOpen: boolean }[] = [];
  SHARES.forEach(({ number, people, windows, messages }, share) => {
    const phoneOf = (person: number): string => `1650${String(600 + share)}${String(person).padStart(4, '0')}`;
    for (let person = 0; person < windows; person += 1) writers.push({ phone: phoneOf(person), number });
    for (let index = 0; index < messages; index += 1) {
      const person = index < people ? index : Math.floor(dice.next() * people);
      places.push({ number, phone: phoneOf(person), isOpen: person < windows });
    }
  });
  const messages = random
    .fork('order')
    .shuffle(places)
    .map(({ number, phone, isOpen }, index) => plan(`m${index}.`, number, phone, isOpen, dice));
  return { messages, writers };
}

function plan(mark: string, number: string, phone: string, isOpen: boolean, dice: Random): Planned {
  const template = (name: string) => ({ type: 'template', name, language: 'en_US', params: { body: [mark] } });
  const kind = dice.next();
  const name = kind < 0.5 ? 'promo' : kind < 0.75 ? 'order_update' : 'login_code';
  const isFree = kind > 0.88;
  const content = isFree ? { type: 'text', text: mark } : template(name);
  const fallback = isFree && !isOpen ? { fallback: template('order_update') } : {};
  const isScheduled = dice.next() < 0.05;
  const afterMs = 2_000 + Math.floor(dice.next() * 20_000);
  const expiresMs = dice.next() < 0.02 ? 5_000 + Math.floor(dice.next() * 60_000) : undefined;
  return {
    mark,
    number,
    phone,
    isScheduled,
    body: (now) => ({
      account: number,
      to: `+${phone}`,
      content,
      ...fallback,
      ...(isScheduled && { sendAt: new Date(now + afterMs).toISOString() }),
      ...(expiresMs !== undefined && { expiresAt: new Date(now + afterMs + expiresMs).toISOString() }),
      metadata: { mark },
    }),
  };
}

/** What a message that reached the network was marked with: its text, or the parameter of its template. */
export function markOf({ body: { text, template } }: SentMessage): string | undefined {
  if (text) return text.body;
  for (const part of template?.components ?? []) {
    const [first] = (part['parameters'] ?? []) as { text?: string }[];
    if (first?.text !== undefined) return first.text;
  }
  return undefined;
}
