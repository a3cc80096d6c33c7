import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ConsentChange } from '../../src/dialog/consent/consent.js';
import { ConsentHooks } from '../../src/dialog/consent/consent-hooks.js';
import { ConsentRepository } from '../../src/dialog/consent/consent.repository.js';
import { Consents } from '../../src/dialog/consent/consents.service.js';
import { ContactRepository } from '../../src/dialog/contact.repository.js';
import type { Person } from '../../src/dialog/person.js';
import { ManualClock } from '../../src/platform/clock/clock.js';
import type { Database, Sql } from '../../src/platform/database/database.js';
import { newId } from '../../src/platform/ids/ids.js';
import { openTestDatabase } from '../support/database.js';
import { untilBlocked } from '../support/locks.js';

const SCOPE = { channel: 'whatsapp', realm: 'p1' };

/** Consent on a database of its own, with a room to the right that writes down what it is told. */
class Bench {
  readonly clock = new ManualClock();
  readonly told: string[][] = [];
  readonly woken: string[] = [];
  readonly hooks = new ConsentHooks();
  readonly repository: ConsentRepository;
  readonly consents: Consents;
  readonly contacts: ContactRepository;
  private phones = 0;

  constructor(readonly database: Database) {
    this.repository = new ConsentRepository(database);
    this.consents = new Consents(this.repository, this.hooks);
    this.contacts = new ContactRepository(database, this.clock, this.hooks);
    this.hooks.registerHolds({
      changed: async (_sql, ids) => {
        this.told.push([...ids]);
        return new Set(['account']);
      },
      wake: (ids) => void this.woken.push(...ids),
    });
  }

  contact(more: Partial<Person> = {}): Promise<string> {
    this.phones += 1;
    return ensureOne(this.contacts, this.database, {
      scope: SCOPE,
      phone: `1650555${String(1000 + this.phones)}`,
      ...more,
    });
  }

  at(seconds: number): Date {
    return new Date(this.clock.now().getTime() + seconds * 1_000);
  }

  change(contactId: string, more: Partial<ConsentChange> = {}): ConsentChange {
    return { contactId, topic: 'all', state: 'out', at: this.clock.now(), how: 'keyword', ...more };
  }

  record(...changes: ConsentChange[]) {
    return this.database.transaction((sql) => this.consents.record(sql, changes, this.clock.now()));
  }

  async standing(id: string) {
    return (await this.repository.standings(this.database, [id])).get(id);
  }
}

describe('consent on record', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = new Bench(await openTestDatabase());
  });

  it('says for whom something else stands now, and tells the hook the same, in one transaction', async () => {
    const [ann, bob, eve] = [await bench.contact(), await bench.contact(), await bench.contact()];
    await bench.record(bench.change(bob, { at: bench.at(-10) }));
    bench.told.length = 0;
    const old = bench.change(bob, { state: 'in', at: bench.at(-60) });
    const { contactIds, accountIds } = await bench.record(bench.change(ann), old);
    expect([[...contactIds], [...accountIds], bench.told]).toEqual([[ann], ['account'], [[ann]]]);
    expect(await bench.standing(bob)).toMatchObject({ all: { state: 'out' } });
    expect(await bench.standing(eve)).toBeUndefined();
    expect(await bench.repository.history(bob, null, 10)).toHaveLength(2);
  });

  it('is written down with what the hook does, or not at all', async () => {
    const ann = await bench.contact();
    bench.hooks.registerHolds({
      changed: () => Promise.reject(new Error('no room')),
      wake: () => undefined,
    });
    await expect(bench.record(bench.change(ann))).rejects.toThrow('no room');
    expect(await bench.standing(ann)).toBeUndefined();
    expect(await bench.repository.history(ann, null, 10)).toEqual([]);
  });

  it('changes nothing when it is told again, even after something newer', async () => {
    const ann = await bench.contact();
    const stop = bench.change(ann, { topic: 'marketing', how: 'network', at: bench.at(5) });
    await bench.record(stop);
    bench.clock.advance(2_000);
    await bench.record(bench.change(ann, { topic: 'marketing', state: 'in' }));
    bench.clock.advance(60_000);
    bench.told.length = 0;
    expect((await bench.record(stop, stop)).contactIds.size).toBe(0);
    expect(bench.told).toEqual([]);
    expect(await bench.standing(ann)).toMatchObject({ marketing: { state: 'in' } });
    expect(await bench.repository.history(ann, null, 10)).toHaveLength(2);
  });

  it('goes within one second by the order in which it was recorded', async () => {
    const ann = await bench.contact();
    const stop = () => bench.change(ann, { messageId: newId() });
    const start = () => ({ ...stop(), state: 'in' as const });
    await bench.record(stop(), start(), stop());
    expect(await bench.standing(ann)).toMatchObject({ all: { state: 'out' } });
    await bench.record({ ...start(), at: new Date(Math.floor(bench.clock.now().getTime() / 1_000) * 1_000) });
    expect(await bench.standing(ann)).toMatchObject({ all: { state: 'in' } });
    expect(await bench.repository.history(ann, null, 10)).toHaveLength(4);
  });

  it('of a clock that is ahead counts as now', async () => {
    const ann = await bench.contact();
    await bench.record(bench.change(ann, { state: 'in', at: bench.at(3_600) }));
    bench.clock.advance(1_000);
    await bench.record(bench.change(ann));
    expect(await bench.standing(ann)).toMatchObject({ all: { state: 'out' } });
  });

  it('of a contact that was merged goes to the one that goes on; a merge tells the hook', async () => {
    const phone = '16505559999';
    const byPhone = await bench.contact({ phone });
    const byUser = await ensureOne(bench.contacts, bench.database, { scope: SCOPE, userId: 'US.1' });
    await bench.record(bench.change(byPhone, { at: bench.at(-60), messageId: newId() }));
    await bench.record(bench.change(byUser, { state: 'in', at: bench.at(-90) }));
    bench.told.length = 0;
    await bench.contacts.ensure([{ scope: SCOPE, phone, userId: 'US.1' }]);
    expect([bench.told, bench.woken]).toEqual([[[byUser]], ['account']]);
    expect(await bench.standing(byUser)).toMatchObject({ all: { state: 'out' } });
    expect(await bench.standing(byPhone)).toBeUndefined();
    const { contactIds } = await bench.record(bench.change(byPhone, { state: 'in' }));
    expect([...contactIds]).toEqual([byUser]);
    expect(await bench.repository.history(byUser, null, 10)).toHaveLength(3);
  });

  it('does not move with a phone that changed hands', async () => {
    const phone = '16505558888';
    const before = await ensureOne(bench.contacts, bench.database, { scope: SCOPE, phone, userId: 'US.7' });
    await bench.record(bench.change(before));
    const after = await ensureOne(bench.contacts, bench.database, { scope: SCOPE, phone, userId: 'US.8' });
    expect(after).not.toBe(before);
    expect(await bench.standing(after)).toBeUndefined();
    expect(await bench.standing(before)).toMatchObject({ all: { state: 'out' } });
  });

  it('cannot change while somebody relies on it, so that who is held by it is found', async () => {
    const ann = await bench.contact();
    const order: string[] = [];
    let recording: Promise<void> | undefined;
    await bench.database.transaction(async (sql: Sql) => {
      expect((await bench.repository.standings(sql, [ann], { lock: true })).size).toBe(0);
      recording = bench.record(bench.change(ann, { state: 'in' })).then(() => void order.push('recorded'));
      await untilBlocked(bench.database);
      order.push('held');
    });
    await recording;
    expect(order).toEqual(['held', 'recorded']);
  });
});

async function ensureOne(contacts: ContactRepository, database: Database, person: Person): Promise<string> {
  await contacts.ensure([person]);
  const located = await contacts.locate(database, [person]);
  const [id] = located.values();
  if (id === undefined) throw new Error('a contact vanished while it was being made');
  return id;
}
