import { beforeEach, describe, expect, it } from '@jest/globals';
import { TierLedger } from '../../src/delivery/admission/tier-ledger.repository.js';
import type { Database } from '../../src/platform/database/database.js';
import { newId } from '../../src/platform/ids/ids.js';
import { openTestDatabase } from '../support/database.js';

const PORTFOLIO = 'whatsapp:business';
const NOW = new Date('2026-11-20T12:00:00Z');

describe('places of the messaging limit', () => {
  const ledger = new TierLedger();
  let database: Database;

  beforeEach(async () => {
    database = await openTestDatabase();
  });

  const used = async () => (await ledger.read(database, PORTFOLIO)).used;

  /** Messages to one person, all of which rely on their place. */
  async function open(count: number) {
    const contactId = newId();
    const places = Array.from({ length: count }, () => ({ contactId, messageId: newId() }));
    await database.transaction(async (sql) => {
      await ledger.lock(sql, PORTFOLIO, NOW);
      const openings = places.map((place) => ({ ...place, class: 3 as const }));
      await ledger.take(sql, PORTFOLIO, openings, NOW);
    });
    return places;
  }

  it('are given back when all messages that rely on one fail together', async () => {
    const places = await open(2);
    expect(await used()).toBe(1);
    expect(await database.transaction((sql) => ledger.release(sql, places))).toEqual(new Set([PORTFOLIO]));
    expect(await used()).toBe(0);
  });

  it('stay for as long as one of them may be delivered', async () => {
    const [first, second] = await open(2);
    await database.transaction((sql) => ledger.release(sql, [first!]));
    expect(await used()).toBe(1);
    await ledger.delivered(database, [{ ...second!, at: NOW }], NOW);
    expect(await database.transaction((sql) => ledger.release(sql, [second!]))).toEqual(new Set());
    expect(await used()).toBe(1);
  });

  it('last a day from the acceptance, and a day from the delivery where that is later', async () => {
    const [place] = await open(1);
    const hours = (count: number): Date => new Date(NOW.getTime() + count * 60 * 60_000);
    const lapses = async () => (await ledger.read(database, PORTFOLIO)).nextPlaceAt;
    expect(await lapses()).toBeNull();
    await ledger.accepted(database, [place!], NOW);
    expect(await lapses()).toEqual(hours(24));
    await ledger.delivered(database, [{ ...place!, at: hours(5) }], hours(6));
    await ledger.delivered(database, [{ ...place!, at: hours(4) }], hours(6));
    expect(await lapses()).toEqual(hours(29));
    // A network's clock that is ahead of ours keeps nobody for longer.
    await ledger.delivered(database, [{ ...place!, at: hours(50) }], hours(6));
    expect(await lapses()).toEqual(hours(30));
  });
});
