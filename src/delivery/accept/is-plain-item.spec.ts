import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { validateSync } from 'class-validator';
import fc from 'fast-check';
import { VALIDATION } from '../../platform/http/validate-body.js';
import { isPlainItem } from './is-plain-item.js';
import { BatchItemBody } from './message.dto.js';

const ITEM = { gateway: 'acme', to: '+16505551234', content: { type: 'text', text: 'hello' } };

function isValid(value: object): boolean {
  const body = Object.assign(new BatchItemBody(), value);
  return validateSync(body, { ...VALIDATION, forbidUnknownValues: false }).length === 0;
}

describe('an item', () => {
  it.each([
    ITEM,
    {
      ...ITEM,
      account: '1',
      channel: 'whatsapp',
      class: 'marketing',
      author: 'human',
      idempotencyKey: 'k',
      replyTo: 'm',
      metadata: { a: 1 },
    },
    { gateway: 'acme' },
  ])('is plain: %j', (item) => {
    expect([isPlainItem(item), isValid(item)]).toEqual([true, true]);
  });

  it.each([
    {},
    { ...ITEM, gateway: undefined },
    { ...ITEM, gateway: '' },
    { ...ITEM, gateway: '\ufe0f' },
    { ...ITEM, account: null },
    { ...ITEM, class: 'best' },
    { ...ITEM, author: 'robot' },
    { ...ITEM, metadata: [] },
    { ...ITEM, sendAt: 'tomorrow' },
    { ...ITEM, deliverWithin: 0 },
    { ...ITEM, more: 1 },
    { ...ITEM, constructor: 1 },
  ])('is left to the validator: %j', (item) => {
    expect(isPlainItem(item)).toBe(false);
  });

  it('is never called plain when the validator would refuse it', () => {
    const odd = fc.oneof(
      fc.constantFrom<unknown>(
        undefined,
        null,
        '',
        'a',
        '\ufe0f',
        '💬',
        'x'.repeat(101),
        0,
        -1,
        1.5,
        true,
        [],
        {},
        'marketing',
      ),
      fc.string({ unit: 'binary' }),
      fc.jsonValue(),
    );
    const names = [
      ...Object.keys(ITEM),
      'account',
      'channel',
      'class',
      'metadata',
      'replyTo',
      'sendAt',
      'deliverWithin',
    ];
    const changes = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), odd, { maxKeys: 3 });
    fc.assert(
      fc.property(changes, (changed) => {
        const item = { ...ITEM, ...changed };
        return !isPlainItem(item) || isValid(item);
      }),
      { numRuns: 500 },
    );
  });
});
