import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FieldSpec } from './fields.js';
import { formatFields, parseFields } from './fields.js';

const name = fc.stringMatching(/^[a-z_]{1,8}$/);
const spec: fc.Memo<FieldSpec> = fc.memo((depth) =>
  fc.record({
    name,
    modifiers: fc.dictionary(name, fc.stringMatching(/^[a-z0-9]{0,5}$/), { maxKeys: 2, noNullPrototype: true }),
    fields:
      depth > 1
        ? fc.option(fc.array(spec(depth - 1), { minLength: 1, maxLength: 3 }), { nil: undefined })
        : fc.constant(undefined),
  }),
);

describe('parseFields', () => {
  it('reads modifiers and nested lists', () => {
    expect(parseFields('id, phone_numbers.limit(25){id,status}')).toEqual([
      { name: 'id', modifiers: {}, fields: undefined },
      {
        name: 'phone_numbers',
        modifiers: { limit: '25' },
        fields: [
          { name: 'id', modifiers: {}, fields: undefined },
          { name: 'status', modifiers: {}, fields: undefined },
        ],
      },
    ]);
  });

  it('reads what formatFields writes', () => {
    fc.assert(
      fc.property(fc.array(spec(3), { minLength: 1 }), (fields) => {
        expect(parseFields(formatFields(fields))).toEqual(fields);
      }),
    );
  });

  it.each(['', 'id,', 'id{name', 'id}', 'a.limit', 'a.limit(1', 'a b'])('refuses %j with code 2500', (text) => {
    expect(() => parseFields(text)).toThrow(expect.objectContaining({ code: 2500 }));
  });
});
