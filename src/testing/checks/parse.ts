import type { InboundEvent, JsonValue } from '../../contract/index.js';
import { canonical, ensure, shown } from '../breach.js';
import type { ChannelCheck } from '../check.js';
import { flawOf, identitiesOf, identityOf } from '../events.js';
import { Chance, damaged, NASTY } from '../garbage.js';
import { pure } from '../pure.js';
import { eventsOf, RECEIVED_AT } from '../stage.js';

/** Damaged copies of each payload. */
const RUNS = 40;
const LATER_MS = 60 * 60 * 1_000;

export const parseChecks: readonly ChannelCheck[] = [
  {
    name: 'reads every sample payload',
    section: 'parse',
    todo: 'Put webhook bodies of the network into payloads (as files, with their source), and turn each into events in split and parse.',
    run(stage) {
      const samples = Object.entries(stage.own.payloads);
      ensure(samples.length > 0, () => 'there are no sample payloads');
      const read = samples.map(([name, body]) => [name, eventsOf(stage, body)] as const);
      for (const [name, events] of read) {
        ensure(
          events.length > 0,
          () =>
            `the payload ${name} becomes nothing; what is of no use becomes an event of type unused, what is not understood one of type unhandled`,
        );
        for (const event of events) judged(event, `the payload ${name}`);
      }
      ensure(
        read.some(([, events]) => events.some(({ type }) => type === 'message')),
        () => 'no sample payload becomes a message: what does a person who writes look like?',
      );
    },
  },
  {
    name: 'parses the same input to the same output',
    section: 'parse',
    todo: 'Let split and parse depend on their arguments alone; for a time that the network does not tell, use update.receivedAt.',
    run(stage) {
      for (const [name, body] of Object.entries(stage.own.payloads)) {
        pure(`split and parse of the payload ${name}`, () => eventsOf(stage, body));
      }
    },
  },
  {
    name: 'knows a payload again that is delivered twice',
    section: 'parse',
    todo: 'Make providerId (or key) of what the network says alone, such as its own id; never of receivedAt, of the gateway or of a counter.',
    run(stage) {
      for (const [name, body] of Object.entries(stage.own.payloads)) {
        const [once, again] = [0, LATER_MS].map((ms) =>
          identitiesOf(eventsOf(stage, body, new Date(RECEIVED_AT.getTime() + ms))),
        );
        ensure(
          canonical(once) === canonical(again),
          () => `the payload ${name} is ${shown(once)} at first, and ${shown(again)} when it comes again an hour later`,
        );
        const facts = (once ?? []).filter((identity, index, all) => all.indexOf(identity) !== index);
        ensure(
          facts.length === 0,
          () =>
            `the payload ${name} becomes several events that are known as ${shown(facts[0])}: all but one of them would be lost`,
        );
      }
    },
  },
  {
    name: 'tells different messages apart',
    section: 'parse',
    todo: 'Use an id that is unique within the account as providerId.',
    run(stage) {
      const told = new Map<string, { readonly name: string; readonly event: InboundEvent }>();
      for (const [name, body] of Object.entries(stage.own.payloads)) {
        for (const event of eventsOf(stage, body)) {
          const identity = event.type === 'message' ? identityOf(event) : undefined;
          if (identity === undefined || event.type !== 'message') continue;
          const before = told.get(identity);
          const isSame = !before || isAlike(before.event, event);
          ensure(
            isSame,
            () => `the payloads ${before?.name} and ${name} say different things and are both known as ${identity}`,
          );
          if (!before) told.set(identity, { name, event });
        }
      }
    },
  },
  {
    name: 'survives garbage in valid envelopes',
    section: 'parse',
    todo: 'Read every member as if it could be anything, and turn what is broken into an event of type unhandled; never throw.',
    run(stage) {
      const chance = new Chance(4711);
      for (const value of NASTY) for (const event of eventsOf(stage, value)) judged(event, `the body ${shown(value)}`);
      for (const body of Object.values(stage.own.payloads)) {
        for (let run = 0; run < RUNS; run += 1) {
          const bad = damaged(body, chance);
          for (const event of eventsOf(stage, bad)) judged(event, `the damaged body ${shown(bad)}`);
        }
      }
    },
  },
  {
    name: 'lets no broken item hide its neighbours',
    section: 'parse',
    todo: 'Cut a body into pieces before anything in it is judged, and read each item for itself.',
    skip: ({ own }) => (own.envelopes === undefined ? 'envelopes is absent: one request tells one thing' : undefined),
    run(stage) {
      const chance = new Chance(815);
      for (const level of stage.own.envelopes ?? []) {
        const items = Object.values(stage.own.payloads).flatMap((body) => [...level.items(body)]);
        ensure(items.length > 0, () => `no sample payload has items of the level ${level.name}`);
        const known = (list: JsonValue[]): readonly string[] => identitiesOf(eventsOf(stage, level.wrap(list)));
        for (let run = 0; run < RUNS * 3; run += 1) {
          const [first, last] = [chance.of(items), chance.of(items)];
          const bad = run % 2 === 0 ? chance.of(NASTY) : damaged(chance.of(items), chance);
          const among = new Set(known([first, bad, last]));
          const lost = [...known([first]), ...known([last])].filter((identity) => !among.has(identity));
          ensure(
            lost.length === 0,
            () =>
              `between ${level.name} stood ${shown(bad)}, and what is known as ${shown(lost[0])} was no longer read`,
          );
        }
      }
    },
  },
];

/** Edits and reactions of a message may go by its id; two texts with different words may not. */
function isAlike(left: InboundEvent, right: InboundEvent): boolean {
  if (left.type !== 'message' || right.type !== 'message') return true;
  if (left.content.type !== 'text' || right.content.type !== 'text') return true;
  return left.content.text === right.content.text;
}

function judged(event: InboundEvent, what: string): void {
  const flaw = flawOf(event);
  ensure(flaw === undefined, () => `${what} becomes the event ${shown(event)}: ${flaw}`);
}
