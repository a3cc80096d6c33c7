import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Button, type Content, degrade } from '../../contract/index.js';
import { capabilities } from './capabilities.js';
import { check } from './check.js';
import { render } from './render.js';
import { judge, schemaErrors } from './testing/message-schema.fixture.js';

/** Short ones mostly, some at or over a limit, some odd. */
const words = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }) },
  fc.constantFrom(
    'a'.repeat(20),
    'a'.repeat(21),
    '😀'.repeat(60),
    'x'.repeat(257),
    ' ',
    'y'.repeat(1024),
    'z'.repeat(4096),
  ),
);
const maybe = fc.option(words, { nil: undefined });
const id = fc.option(fc.string({ minLength: 1, maxLength: 12 }), { nil: undefined });
const url = fc.constantFrom('https://x.test', 'http://y.test/a?b=c', undefined, 'ftp://z.test');
const button = fc
  .record({
    type: fc.constantFrom('reply', 'reply', 'reply', 'url', 'phone', 'location', 'email'),
    id,
    title: words,
    url,
    phone: fc.constantFrom(undefined, '+16505551234'),
  })
  .map(({ type, id: own, title, url: target, phone }) => ({
    type,
    title,
    ...(own !== undefined && { id: own }),
    ...(type === 'url' && target !== undefined && { url: target }),
    ...(type === 'phone' && phone !== undefined && { phone }),
  }));
const row = fc.record({ id: words, title: words, description: maybe });
const media = fc.oneof(fc.record({ id: words }), fc.record({ url: fc.constantFrom('https://x.test/a', 'file:///a') }));
const frame = { header: maybe, footer: maybe };

/** Of the right shape, as the core lets them through; whether the network takes them is another question. */
const content: fc.Arbitrary<Content> = fc
  .oneof(
    fc.record({ type: fc.constant('text'), text: words, preview: fc.option(fc.boolean(), { nil: undefined }) }),
    fc.record({ type: fc.constantFrom('image', 'video', 'audio', 'document', 'sticker'), media, caption: maybe }),
    fc.record({
      type: fc.constant('location'),
      latitude: fc.double({ min: -91, max: 91 }),
      longitude: fc.double({ min: -180, max: 181 }),
      name: maybe,
      address: maybe,
      url: fc.constantFrom(undefined, 'https://x.test'),
    }),
    fc.record({
      type: fc.constant('contacts'),
      contacts: fc.array(fc.record({ name: fc.dictionary(fc.constantFrom('formatted_name', 'first_name'), words) }), {
        maxLength: 3,
      }),
    }),
    fc.record({ type: fc.constant('reaction'), messageId: words, emoji: fc.oneof(fc.constantFrom('👍', ''), words) }),
    fc.record({ type: fc.constant('buttons'), text: words, buttons: fc.array(button, { maxLength: 13 }), ...frame }),
    fc.record({
      type: fc.constant('list'),
      text: words,
      button: words,
      ...frame,
      sections: fc.array(fc.record({ title: maybe, rows: fc.array(row, { maxLength: 6 }) }), { maxLength: 4 }),
    }),
    fc.record({
      type: fc.constant('template'),
      name: fc.constantFrom('a_1', 'A'),
      language: fc.constantFrom('en_US', 'uk', ''),
      params: fc.record({
        header: fc.constantFrom(
          undefined,
          { text: 'Hi' },
          { image: { id: '1' } },
          { location: { latitude: 1, longitude: 2 } },
        ),
        body: fc.oneof(
          fc.constant(undefined),
          fc.array(words, { maxLength: 3 }),
          fc.dictionary(fc.constantFrom('a', 'b'), words),
        ),
        buttons: fc.option(
          fc.array(
            fc.record({
              index: fc.integer({ min: -1, max: 10 }),
              text: maybe,
              code: fc.constantFrom(undefined, 'SAVE'),
            }),
            { maxLength: 3 },
          ),
          { nil: undefined },
        ),
      }),
    }),
  )
  .map((given) => JSON.parse(JSON.stringify(given)) as Content);

describe('whatever is written', () => {
  it('goes out as Meta documents it, once nothing speaks against it', () => {
    let sent = 0;
    fc.assert(
      fc.property(content, fc.constantFrom({ phone: '16505551234' }, { userId: 'US.1349' }), (given, to) => {
        const { shown, problems } = judge(given);
        if (problems.length > 0) return;
        sent += 1;
        const { payload } = render({ to, content: shown, replyTo: 'wamid.1' });
        expect(schemaErrors(payload)).toEqual([]);
      }),
      { numRuns: 1500 },
    );
    // a property of nothing would be easy to keep
    expect(sent).toBeGreaterThan(500);
  });

  it('is degraded once: what is shown is shown as it is', () => {
    fc.assert(
      fc.property(content, (given) => {
        const { content: shown } = degrade(given, capabilities);
        expect(degrade(shown, capabilities).content).toEqual(shown);
      }),
    );
  });
});

describe('buttons, however many and of whatever kind', () => {
  const titled = fc.uniqueArray(
    button.filter(({ title }) => title.trim() !== ''),
    { minLength: 1, maxLength: 14, selector: ({ title, id: own }) => own ?? title },
  );

  it('lose no text, label, link or number; and no id as long as there is something to press', () => {
    fc.assert(
      fc.property(titled, words, maybe, maybe, (list, text, header, footer) => {
        const given = JSON.parse(JSON.stringify({ type: 'buttons', text, header, footer, buttons: list })) as Content;
        const { content: shown, notes } = degrade(given, capabilities);
        const seen = [...strings(shown)].join('\n');
        for (const part of [text, header, footer]) if (part !== undefined) expect(seen).toContain(part);
        for (const one of list as Button[]) {
          expect(seen + notes.join('\n')).toContain(one.title);
          for (const target of [one.url, one.phone]) if (target !== undefined) expect(seen).toContain(target);
          if (one.type === 'reply' && shown.type !== 'text') expect(seen).toContain(one.id ?? one.title);
        }
        if (shown.type !== 'buttons' || shown.buttons.length < list.length) expect(notes).not.toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it('are taken, unless a text is too long or makes no sense', () => {
    fc.assert(
      fc.property(titled, (list) => {
        const given = { type: 'buttons', text: 'Pick', buttons: list } as unknown as Content;
        const reasons = check(degrade(given, capabilities).content).map(({ code }) => code);
        expect(reasons.filter((code) => code === 'content.unsupported')).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

function* strings(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null)
    for (const member of Object.values(value)) yield* strings(member);
}
