import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type MessageStatus, OUTCOME_UNKNOWN, mergeStatus } from './message-status.js';

describe('mergeStatus', () => {
  it.each<[MessageStatus, MessageStatus, string | undefined, MessageStatus]>([
    ['accepted', 'sent', undefined, 'sent'],
    ['read', 'delivered', undefined, 'read'],
    ['delivered', 'failed', undefined, 'delivered'],
    ['sent', 'failed', undefined, 'failed'],
    ['failed', 'sent', 'recipient.unreachable', 'failed'],
    ['failed', 'delivered', 'recipient.unreachable', 'delivered'],
    ['failed', 'sent', OUTCOME_UNKNOWN, 'sent'],
    ['failed', 'failed', OUTCOME_UNKNOWN, 'failed'],
    ['sending', 'delivered', undefined, 'delivered'],
  ])('%s and then %s (%s) is %s', (current, receipt, code, expected) => {
    expect(mergeStatus(current, receipt, code)).toBe(expected);
  });

  it('ends the same in whatever order receipts come', () => {
    const receipts = ['sent', 'delivered', 'read', 'failed', 'played'] as const;
    fc.assert(
      fc.property(fc.shuffledSubarray([...receipts], { minLength: 1 }), fc.nat(), (subset, seed) => {
        const merge = (order: readonly MessageStatus[]): MessageStatus =>
          order.reduce((status, receipt) => mergeStatus(status, receipt, undefined), 'accepted' as MessageStatus);
        const rotated = [...subset.slice(seed % subset.length), ...subset.slice(0, seed % subset.length)];
        expect(merge(rotated)).toBe(merge(subset));
      }),
    );
  });
});
