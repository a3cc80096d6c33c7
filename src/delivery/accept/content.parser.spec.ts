import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseContent } from './content.parser.js';

const errorsOf = (value: unknown): readonly string[] => {
  const parsed = parseContent(value);
  return 'errors' in parsed ? parsed.errors.map(({ path, code }) => `${path} ${code}`) : [];
};

describe('parseContent', () => {
  it.each([
    [{ type: 'text', text: 'hi', preview: true }],
    [
      {
        type: 'template',
        name: 'a',
        language: 'en',
        params: { body: ['x'], header: { image: { id: '1' } }, buttons: [{ index: 0, payload: 'p' }] },
      },
    ],
    [{ type: 'template', name: 'a', language: 'en', params: { body: { name: 'x' } } }],
    [{ type: 'native', channel: 'whatsapp', payload: { type: 'text', text: { body: 'x' } } }],
    [{ type: 'text', text: 'smile \u{1F600}, backslash \\u0000 as text' }],
  ])('takes %j', (content) => {
    expect(parseContent(content)).toEqual({ content });
  });

  it.each<[unknown, string[]]>([
    ['hi', ['content invalid']],
    [null, ['content invalid']],
    [{ type: 'hologram' }, ['content.type invalid']],
    [{ type: 'order' }, ['content.type invalid']],
    [{ type: '__proto__' }, ['content.type invalid']],
    [{ type: 'text' }, ['content.text required']],
    [{ type: 'text', text: 5 }, ['content.text invalid']],
    [{ type: 'text', text: 'a', bold: true }, ['content.bold unknown']],
    [{ type: 'text', text: 'a\u0000b' }, ['content text.invalid']],
    [{ type: 'text', text: 'a\ud800b' }, ['content text.invalid']],
    [{ type: 'buttons', text: 'a', buttons: [{ type: 'jump', title: 'x' }] }, ['content.buttons[0].type invalid']],
    [{ type: 'template', name: 'a', language: 'en', params: { body: [1] } }, ['content.params.body invalid']],
    [{ type: 'location', latitude: '1', longitude: 2 }, ['content.latitude invalid']],
  ])('names what is wrong with %j', (content, errors) => {
    expect(errorsOf(content)).toEqual(errors);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.anything(), (value) => void parseContent(value)));
    fc.assert(
      fc.property(
        fc.record({
          type: fc.constantFrom('text', 'template', 'list'),
          text: fc.anything(),
          sections: fc.anything(),
          params: fc.anything(),
        }),
        (value) => void parseContent(value),
      ),
    );
  });
});
