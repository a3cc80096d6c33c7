import { describe, expect, it } from '@jest/globals';
import { inboundRate } from '../../src/delivery/admission/account-pace.js';
import type { AsideRepository } from '../../src/delivery/admission/aside.repository.js';
import { InboundEffects } from '../../src/delivery/admission/inbound-effects.service.js';
import { newId } from '../../src/platform/ids/ids.js';
import { openTestDatabase } from '../support/database.js';

const NOW = Date.UTC(2026, 10, 20);

describe('what comes in', () => {
  it('is counted by tenths of seconds, for as long as it may be asked for', async () => {
    const database = await openTestDatabase();
    const effects = new InboundEffects({ opened: async () => new Set<string>() } as unknown as AsideRepository);
    const accountId = newId();
    const write = (count: number, atMs: number) =>
      effects.apply(
        database,
        Array.from({ length: count }, () => ({ accountId, threadId: newId(), opensWindow: false })),
        new Date(NOW + atMs),
      );
    const counted = async () => {
      const [row] = await database.query<{ tenth: string; counts: number[] }>(
        'SELECT tenth, counts FROM inbound_pace WHERE account_id = $1',
        [accountId],
      );
      return { tenth: Number(row?.tenth), counts: row?.counts ?? [] };
    };

    await write(3, 0);
    await write(2, 50);
    await write(7, 320);
    expect(await counted()).toEqual({ tenth: NOW / 100 + 3, counts: [7, 0, 0, 5] });
    // From a process whose clock is behind.
    await write(1, 290);
    await write(4, 1_010);
    expect(await counted()).toEqual({ tenth: NOW / 100 + 10, counts: [4, 0, 0, 0, 0, 0, 0, 8, 0, 0, 5] });
    expect(inboundRate(await counted(), NOW + 1_010)).toBeCloseTo(4 + 8 + 5 * 0.9, 6);
    await write(1, 1_100);
    expect((await counted()).counts).toEqual([1, 4, 0, 0, 0, 0, 0, 0, 8, 0, 0]);
    await write(6, 5_000);
    expect(await counted()).toEqual({ tenth: NOW / 100 + 50, counts: [6] });
  });
});
