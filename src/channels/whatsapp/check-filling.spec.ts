import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject, TemplateContent } from '../../contract/index.js';
import { check } from './check.js';
import { checkFilling } from './check-filling.js';
import { readTemplate } from './read-template.js';

const body = (text: string): JsonObject => ({ type: 'BODY', text });
const header = (format: string, text?: string): JsonObject => ({ type: 'HEADER', format, ...(text && { text }) });
const buttons = (...list: JsonObject[]): JsonObject => ({ type: 'BUTTONS', buttons: list });

function template(components: JsonObject[], more: JsonObject = {}) {
  const found = readTemplate({
    name: 'n',
    language: 'uk',
    category: 'UTILITY',
    status: 'APPROVED',
    components,
    ...more,
  });
  if (!found) throw new Error('not a template');
  return found;
}

const NAMED = template([body('Hi {{first_name}}, order {{order_id}}')], { parameter_format: 'NAMED' });
const TWO = template([body('Hi {{1}}, order {{2}}, dear {{1}}')]);
const BARE = template([body('Hello')]);
const IMAGE = template([header('IMAGE'), body('Hello')]);
const HEADING = template([header('TEXT', 'Order {{1}}'), body('Hello')]);
const STILL = template([header('TEXT', 'Order'), body('Hello')]);
const URLS = template([
  body('Hello'),
  buttons({ type: 'URL', url: 'https://x.example' }, { type: 'URL', url: 'https://x.example/{{1}}' }),
]);
const REPLY = template([body('Hello'), buttons({ type: 'QUICK_REPLY' }, { type: 'PHONE_NUMBER' })]);
const COUPON = template([body('Hello'), buttons({ type: 'COPY_CODE' })]);
const CODE = template(
  [body('*{{1}}* is your code.'), buttons({ type: 'URL', url: 'https://www.whatsapp.com/otp/code/?code=otp{{1}}' })],
  { category: 'AUTHENTICATION' },
);
const BLIND_CODE = template(
  [{ type: 'BODY', add_security_recommendation: true }, buttons({ type: 'OTP', otp_type: 'COPY_CODE' })],
  { category: 'AUTHENTICATION' },
);

type Params = NonNullable<TemplateContent['params']>;
const content = (params?: Params): TemplateContent => ({
  type: 'template',
  name: 'n',
  language: 'uk',
  ...(params && { params }),
});
const verbatim = (...components: JsonObject[]): TemplateContent => ({ ...content(), components });
const values = (...texts: string[]) => texts.map((text) => ({ type: 'text', text }));
const media = { id: '7' };

describe('a content that fits its template', () => {
  it.each<[string, ReturnType<typeof template>, TemplateContent]>([
    ['two values', TWO, content({ body: ['a', 'b'] })],
    ['named values, in any order', NAMED, content({ body: { order_id: '1', first_name: 'Ann' } })],
    ['nothing for nothing', BARE, content()],
    ['an image', IMAGE, content({ header: { image: media } })],
    ['a heading', HEADING, content({ header: { text: '7' } })],
    ['the url that wants something', URLS, content({ buttons: [{ index: 1, text: 'x' }] })],
    ['no payload, which is optional', REPLY, content()],
    ['a payload', REPLY, content({ buttons: [{ index: 0, payload: 'YES' }] })],
    ['a coupon', COUPON, content({ buttons: [{ index: 0, code: 'SAVE25' }] })],
    ['a code', CODE, content({ code: '123456' })],
    ['a code, spelled out', CODE, content({ body: ['123456'], buttons: [{ index: 0, text: '123456' }] })],
    ['a code for a template that does not show its text', BLIND_CODE, content({ code: '123456' })],
    ["Meta's own components", TWO, verbatim({ type: 'BODY', parameters: values('a', 'b') })],
    [
      "Meta's own, with header and button",
      URLS,
      verbatim({ type: 'button', sub_type: 'URL', index: '1', parameters: values('x') }),
    ],
    [
      'parts that we do not judge',
      template([{ type: 'CAROUSEL', cards: [] }]),
      verbatim({ type: 'carousel', cards: [] }),
    ],
    ['a header of a kind that is new', template([header('HOLOGRAM')]), content()],
  ])('%s', (_, definition, given) => {
    expect(checkFilling(given, definition)).toEqual([]);
  });
});

describe('a content that does not fit', () => {
  it.each<[string, ReturnType<typeof template>, TemplateContent, string, string]>([
    [
      'too few values',
      TWO,
      content({ body: ['a'] }),
      'content.params.body',
      'the text of the template takes 2 values, 1 given',
    ],
    [
      'too many values',
      BARE,
      content({ body: ['a'] }),
      'content.params.body',
      'the text of the template takes 0 values, 1 given',
    ],
    ['none at all', TWO, content(), 'content.params.body', 'the text of the template takes 2 values, 0 given'],
    [
      'names for places',
      TWO,
      content({ body: { a: 'x', b: 'y' } }),
      'content.params.body',
      'the template takes its values in order, as a list',
    ],
    [
      'places for names',
      NAMED,
      content({ body: ['a', 'b'] }),
      'content.params.body',
      'the template takes values by name: first_name, order_id',
    ],
    [
      'a name missing',
      NAMED,
      content({ body: { order_id: '1' } }),
      'content.params.body',
      'the template also takes first_name',
    ],
    [
      'a name too many',
      NAMED,
      content({ body: { order_id: '1', first_name: 'x', z: '2' } }),
      'content.params.body',
      'the template does not take z',
    ],
    ['no image', IMAGE, content(), 'content.params.header', 'the header of the template takes an image'],
    [
      'a video for an image',
      IMAGE,
      content({ header: { video: media } }),
      'content.params.header',
      'the header of the template takes an image',
    ],
    ['no heading', HEADING, content(), 'content.params.header', 'the header of the template takes a text'],
    [
      'a heading where it is fixed',
      STILL,
      content({ header: { text: 'x' } }),
      'content.params.header',
      'the header of the template takes no value',
    ],
    [
      'a header where there is none',
      BARE,
      content({ header: { text: 'x' } }),
      'content.params.header',
      'the template has no header',
    ],
    ['no url suffix', URLS, content(), 'content.params.buttons', 'button 1 of the template takes text'],
    [
      'a suffix for a fixed url',
      URLS,
      content({
        buttons: [
          { index: 0, text: 'x' },
          { index: 1, text: 'x' },
        ],
      }),
      'content.params.buttons[0]',
      'button 0 of the template takes no value',
    ],
    [
      'a button that is not there',
      REPLY,
      content({ buttons: [{ index: 2, payload: 'x' }] }),
      'content.params.buttons[0]',
      'the template has no button 2',
    ],
    [
      'the wrong thing for a button',
      REPLY,
      content({ buttons: [{ index: 0, text: 'x' }] }),
      'content.params.buttons[0]',
      'button 0 of the template takes payload',
    ],
    ['no coupon', COUPON, content(), 'content.params.buttons', 'button 0 of the template takes code'],
    [
      'a code for a template without one',
      TWO,
      content({ code: '1' }),
      'content.params.code',
      'the text of the template takes 2 values, 1 given',
    ],
    [
      "too few of Meta's own",
      TWO,
      verbatim({ type: 'header' }, { type: 'body', parameters: values('a') }),
      'content.components[1]',
      'the text of the template takes 2 values, 1 given',
    ],
    [
      "Meta's own without a body",
      TWO,
      verbatim(),
      'content.components',
      'the text of the template takes 2 values, 0 given',
    ],
  ])('%s', (_, definition, given, path, message) => {
    expect(checkFilling(given, definition)).toContainEqual({ path, code: 'template.parameters', message });
  });

  it('says all of it at once', () => {
    const definition = template([header('IMAGE'), body('{{1}}'), buttons({ type: 'COPY_CODE' })]);
    expect(checkFilling(content(), definition).map(({ path }) => path)).toEqual([
      'content.params.header',
      'content.params.body',
      'content.params.buttons',
    ]);
  });
});

describe('whatever a definition and a content look like', () => {
  const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<JsonObject[string]>;
  const part = fc.record(
    { type: fc.constantFrom('HEADER', 'BODY', 'BUTTONS', 'CAROUSEL', 'x'), text: json, format: json, buttons: json },
    { requiredKeys: [] },
  );
  const node = fc.record(
    {
      name: json,
      language: json,
      category: json,
      status: json,
      parameter_format: json,
      components: fc.oneof(json, fc.array(fc.oneof(part, json))),
    },
    { requiredKeys: [] },
  );
  const given = fc.record({ params: json, components: fc.oneof(json, fc.array(part)) }, { requiredKeys: [] });

  it('reading and judging are total, for content that passes the check without a definition', () => {
    fc.assert(
      fc.property(node, given, (definition, more) => {
        const found = readTemplate({ name: 'n', language: 'uk', ...definition } as JsonObject);
        const candidate = { type: 'template', name: 'n', language: 'uk', ...more } as unknown as TemplateContent;
        if (!found || check(candidate).length > 0) return;
        for (const problem of checkFilling(candidate, found)) expect(problem.message).not.toBe('');
      }),
      { numRuns: 3000 },
    );
  });
});
