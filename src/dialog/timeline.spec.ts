import { describe, expect, it } from '@jest/globals';
import type { ReceiptReceived } from '../contract/index.js';
import { acceptedNote, hasNote, linesOf, readTimeline, receiptKey, receiptNote } from './timeline.js';

const AT = new Date('2026-03-04T05:06:07.890Z');

function receipt(fields: Partial<ReceiptReceived>): ReceiptReceived {
  return { type: 'receipt', providerId: 'wamid.1', status: 'delivered', occurredAt: AT, ...fields } as ReceiptReceived;
}

describe('a timeline', () => {
  it('reads as it was written, in the same order', () => {
    const notes = [
      {
        key: 'held#1',
        status: 'held',
        at: AT,
        detail: { reason: 'tier', detail: 'line\nfeeds, "quotes" {and} \u0000' },
      },
      { key: 'fallback', status: 'fallback', at: AT, detail: null },
      acceptedNote('a-1', 'wamid.1', AT),
    ];
    expect(readTimeline(linesOf(notes))).toEqual(notes);
    expect(readTimeline('')).toEqual([]);
  });

  it.each(['wamid.1', 'with|bars', 'with space', '"quoted" {', 'line\nfeed'])(
    'keeps a receipt of the id %j',
    (providerId) => {
      const told = receipt({ providerId, participant: '49151' });
      const [note] = readTimeline(linesOf([receiptNote(told)]));
      expect(note).toEqual({
        key: receiptKey(told),
        status: 'delivered',
        at: AT,
        detail: { provider: true, providerId, participant: '49151' },
      });
    },
  );

  it('knows what is in it, and nothing that only looks like it', () => {
    const told = receipt({ providerId: 'wamid.12' });
    const timeline = linesOf([receiptNote(told)]);
    expect(hasNote(timeline, receiptKey(told))).toBe(true);
    expect(hasNote(timeline, receiptKey(receipt({ providerId: 'wamid.1' })))).toBe(false);
    expect(hasNote(timeline, receiptKey(receipt({ providerId: 'wamid.12', status: 'read' })))).toBe(false);
    expect(hasNote('', receiptKey(told))).toBe(false);
  });
});
