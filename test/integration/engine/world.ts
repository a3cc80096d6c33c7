import type { MessagePart } from '../../../src/dialog/message-status.js';
import { windowOf } from '../../../src/dialog/window.js';
import { threadKey } from '../../../src/dialog/thread.repository.js';
import type { Scheduled } from '../../../src/delivery/admission/send-job.js';
import { type ClassRank, FREE_FORM, TEMPLATE, classOfRank } from '../../../src/delivery/message-class.js';
import type { NewOutbound } from '../../../src/delivery/outbound.repository.js';
import { WireLane } from '../../../src/delivery/wire-lane.js';
import { newId } from '../../../src/platform/ids/ids.js';
import { CHANNEL, contentOf } from './channel.js';
import type { Carrier, Engine } from './engine.js';
import { type Meta, type Owed } from './meta.js';
import { ACCOUNTS, GROUP, type Ids, PORTFOLIO, WINDOW_MS, nextDue } from './tables.js';

/** More than any run needs: beyond it something goes round in circles. */
const MOST_STEPS = 6_000;
/** What is due later than this has no timer: the sweeper finds it. */
const TIMER_WITHIN_MS = 5_000;
const SWEEP_EVERY_MS = 1_000;

export interface Wanted {
  readonly account: number;
  readonly person: number;
  readonly class: ClassRank;
  readonly isTemplate: boolean;
  readonly hasFallback: boolean;
  readonly expiresMs: number | null;
  readonly sendMs: number | null;
}

export interface Taken extends Wanted {
  readonly id: string;
  readonly seq: number;
}

interface Event {
  readonly at: number;
  readonly kind: 'pass' | 'send' | 'receipt';
  readonly accountId?: string;
  readonly lane?: WireLane<() => Promise<void>>;
  readonly run: () => Promise<void>;
}

/** One run: the engine, its jobs and receipts in a time that only this class moves, and Meta at the other end. */
export class World implements Carrier {
  readonly taken: Taken[] = [];
  /** heads that could leave, and that nothing but the sweeper would have woken */
  readonly forgotten: string[] = [];
  private lanes = new Map<string, WireLane<() => Promise<void>>>();
  private events: Event[] = [];
  /** what happened, in short, for whoever reads a fault */
  private readonly did: string[] = [];
  private steps = 0;
  private sweptAt = 0;
  private stalledUntil = 0;
  private mayForget = false;

  constructor(
    private readonly engine: Engine,
    private readonly ids: Ids,
    private readonly meta: Meta,
  ) {}

  get now(): number {
    return this.engine.clock.now().getTime();
  }

  kick(accountId: string): void {
    this.wake(accountId, this.now);
  }

  carry(accountId: string, scheduled: readonly Scheduled[], perSecond: number): void {
    for (const message of scheduled) {
      const at = Math.max(this.now, message.notBefore, this.stalledUntil);
      this.events.push({ at, kind: 'send', run: () => this.send(accountId, message, perSecond) });
    }
  }

  waitingJobs(): number {
    return this.events.filter(({ kind }) => kind === 'send').length;
  }

  /** Everything that is in the queue is lost, as when Redis loses its memory. */
  kill(): void {
    this.events = this.events.filter(({ kind }) => kind === 'receipt');
    this.lanes = new Map();
    this.mayForget = true;
  }

  /** No worker does anything for that long. */
  stall(ms: number): void {
    this.stalledUntil = this.now + ms;
    this.events = this.events.map((event) =>
      event.kind === 'receipt' ? event : { ...event, at: Math.max(event.at, this.stalledUntil) },
    );
  }

  async accept(wanted: Wanted): Promise<void> {
    const { engine, ids } = this;
    const now = engine.clock.now();
    const accountId = ids.accounts[wanted.account] ?? '';
    const person = ids.people[wanted.person];
    if (!person) return;
    const parties = { gatewayId: ids.gatewayId, accountId, contactId: person.contactId };
    await engine.database.transaction(async (sql) => {
      const thread = (await engine.threads.touch(sql, [{ ...parties, inboundAt: null }])).get(threadKey(parties));
      if (!thread) throw new Error('no thread');
      const dialogs = await engine.dialogs.openFor(sql, [{ ...thread, channel: CHANNEL }]);
      const window = windowOf(
        { durationMs: WINDOW_MS, lastInboundAt: thread.lastInboundAt, connectedSince: null },
        now,
      );
      const mayGo = wanted.isTemplate || window.state !== 'closed';
      if (!mayGo && !wanted.hasFallback) return;
      const part: MessagePart = mayGo ? 'content' : 'fallback';
      const id = newId(now);
      const expiresAt = wanted.expiresMs === null ? null : new Date(now.getTime() + wanted.expiresMs);
      const isTemplate = wanted.isTemplate || part === 'fallback';
      const seqs = await engine.messages.insert(sql, [
        {
          ...parties,
          id,
          direction: 'out',
          channel: CHANNEL,
          threadId: thread.id,
          dialogId: dialogs.get(thread.id)?.id ?? '',
          origin: 'api',
          class: classOfRank(wanted.class),
          status: 'queued',
          part,
          content: contentOf(id, 'content', wanted.isTemplate),
          ...(wanted.hasFallback && { fallback: contentOf(id, 'fallback', true) }),
          recipient: { phone: `+${person.phone}` },
          occurredAt: now,
          ...(expiresAt && { expiresAt }),
        },
      ]);
      const seq = seqs.get(id) ?? '0';
      const row: NewOutbound = {
        ...parties,
        messageId: id,
        threadId: thread.id,
        class: wanted.class,
        seq,
        part,
        kind: isTemplate ? TEMPLATE : FREE_FORM,
        hasFallback: wanted.hasFallback,
        opens: window.state !== 'open',
        windowUntil: isTemplate ? null : (window.expiresAt ?? null),
        expiresAt,
        sendAt: wanted.sendMs === null ? null : new Date(now.getTime() + wanted.sendMs),
        templateId: null,
      };
      await engine.outbound.insert(sql, [row], now);
      this.taken.push({ ...wanted, id, seq: Number(seq) });
    });
    this.kick(accountId);
  }

  async inbound(account: number, person: number): Promise<void> {
    const { engine, ids } = this;
    const now = engine.clock.now();
    const accountId = ids.accounts[account] ?? '';
    const one = ids.people[person];
    if (!one) return;
    this.meta.wrote(ACCOUNTS[account]?.address ?? '', one.phone);
    const parties = { gatewayId: ids.gatewayId, accountId, contactId: one.contactId };
    const woken = await engine.database.transaction(async (sql) => {
      const thread = (await engine.threads.touch(sql, [{ ...parties, inboundAt: now }])).get(threadKey(parties));
      return engine.inbound.apply(sql, thread ? [{ accountId, threadId: thread.id, opensWindow: true }] : [], now);
    });
    for (const id of woken) this.kick(id);
  }

  async cancel(index: number): Promise<void> {
    const message = this.taken[index % Math.max(1, this.taken.length)];
    if (message) await this.engine.withdrawing.withdraw([{ messageId: message.id, status: 'cancelled', error: null }]);
  }

  async consent(person: number, state: 'in' | 'out', topic: 'all' | 'marketing'): Promise<void> {
    const contactId = this.ids.people[person]?.contactId ?? '';
    const now = this.engine.clock.now();
    const change = { contactId, topic, state, at: now, how: 'api' };
    const effect = await this.engine.database.transaction((sql) => this.engine.consents.record(sql, [change], now));
    this.engine.consents.wake(effect);
  }

  async pause(account: number | null, rank: ClassRank | null, untilMs: number | null): Promise<void> {
    const accountId = account === null ? null : (this.ids.accounts[account] ?? null);
    const until = untilMs === null ? null : new Date(this.now + untilMs);
    await this.engine.database.query(
      'INSERT INTO pause (id, gateway_id, account_id, class, reason, since, until) VALUES ($1, $2, $3, $4, $5, $6, $7)',
      [newId(), this.ids.gatewayId, accountId, rank, 'A test.', this.engine.clock.now(), until],
    );
    for (const id of this.ids.accounts) this.kick(id);
  }

  async resume(): Promise<void> {
    await this.engine.database.query('DELETE FROM pause');
    await this.engine.gateways.unpark(this.ids.gatewayId);
    for (const id of this.ids.accounts) this.kick(id);
  }

  /** Another system opens a person, if the messaging limit lets it, and we are told by the receipt. */
  async foreign(person: number): Promise<void> {
    const { engine, ids } = this;
    const one = ids.people[person];
    if (!one) return;
    const now = engine.clock.now();
    await engine.database.transaction(async (sql) => {
      const tier = await engine.ledger.lock(sql, PORTFOLIO, now);
      if (tier && tier.limit !== null && tier.used >= tier.limit) return;
      this.meta.foreign(one.phone);
      await engine.ledger.foreign(sql, PORTFOLIO, [{ contactId: one.contactId, class: 3, at: now }], now);
    });
  }

  /** Lets that much time pass, with everything that happens in it. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      this.collectReceipts();
      const next = this.events.reduce<Event | undefined>((a, b) => (a && a.at <= b.at ? a : b), undefined);
      const sweepAt = await this.nextSweep();
      const at = Math.max(this.now, Math.min(next?.at ?? Infinity, sweepAt));
      if (at > end) break;
      this.steps += 1;
      if (this.steps > MOST_STEPS) throw new Error(`no end after ${MOST_STEPS} steps`);
      this.engine.clock.advance(at - this.now);
      if (next && next.at <= sweepAt) {
        this.events.splice(this.events.indexOf(next), 1);
        this.did.push(next.kind);
        await next.run();
      } else {
        this.did.push('sweep');
        await this.sweep();
      }
    }
    this.engine.clock.advance(Math.max(0, end - this.now));
  }

  get isIdle(): boolean {
    return this.events.length === 0;
  }

  private wake(accountId: string, at: number): void {
    const due = Math.max(at, this.stalledUntil);
    const earlier = this.events.find((event) => event.kind === 'pass' && event.accountId === accountId);
    if (earlier && earlier.at <= due) return;
    if (earlier) this.events.splice(this.events.indexOf(earlier), 1);
    this.events.push({ at: due, kind: 'pass', accountId, run: () => this.admit(accountId) });
  }

  private async admit(accountId: string): Promise<void> {
    const { again } = await this.engine.admission.pass(accountId);
    if (again && again.getTime() < this.now + TIMER_WITHIN_MS) this.wake(accountId, again.getTime());
  }

  private async send(accountId: string, message: Scheduled, perSecond: number): Promise<void> {
    const lane = this.lanes.get(accountId) ?? new WireLane();
    this.lanes.set(accountId, lane);
    lane.add(async () => this.engine.sender.send(message, { accountId, perSecond }), { ...message, perSecond });
    await this.release(lane);
  }

  private async release(lane: WireLane<() => Promise<void>>): Promise<void> {
    for (const leave of lane.release(this.now)) await leave();
    const nextAt = lane.nextAt(this.now);
    const at = Math.ceil(nextAt ?? 0);
    if (nextAt === undefined || this.events.some((event) => event.lane === lane && event.at <= at)) return;
    this.events.push({ at: Math.max(at, this.stalledUntil), kind: 'send', lane, run: () => this.release(lane) });
  }

  private collectReceipts(): void {
    for (const owed of this.meta.owed.splice(0))
      this.events.push({ at: Math.max(owed.at, this.now), kind: 'receipt', run: () => this.receive(owed) });
  }

  private async receive({ account, providerId, status, occurredAt, attempt, code }: Owed): Promise<void> {
    const accountId = this.ids.accounts[ACCOUNTS.findIndex(({ address }) => address === account)] ?? '';
    const receipt = {
      type: 'receipt' as const,
      account: { address: account, group: GROUP },
      providerId,
      status,
      occurredAt: new Date(occurredAt),
      attempt,
      raw: {},
      ...(code !== undefined && { error: { code, message: 'as the run has it' } }),
    };
    const { accountIds } = await this.engine.database.transaction((sql) =>
      this.engine.receipts.apply(sql, [{ accountId, receipt }], this.engine.clock.now()),
    );
    for (const id of accountIds) this.kick(id);
  }

  private async nextSweep(): Promise<number> {
    const scheduled = this.events.flatMap(({ kind, accountId }) => (kind === 'pass' && accountId ? [accountId] : []));
    const due = await nextDue(this.engine.database, scheduled);
    return due === undefined ? Infinity : Math.max(due, this.sweptAt + SWEEP_EVERY_MS);
  }

  private async sweep(): Promise<void> {
    this.sweptAt = this.now;
    const asleep = await this.engine.database.query<{ account_id: string; message_id: string }>(
      `SELECT account_id, message_id FROM outbound WHERE state = 'ready'`,
    );
    for (const { account_id, message_id } of asleep) {
      const isWoken = this.events.some(({ kind, accountId }) => kind === 'pass' && accountId === account_id);
      if (!isWoken && !this.mayForget)
        this.forgotten.push(
          `${message_id} at ${this.engine.clock.now().toISOString()} after ${this.did.slice(-6).join(', ')}`,
        );
    }
    this.mayForget = false;
    // Our callback is always up.
    await this.engine.database.query('UPDATE callback_uptime SET seen_at = $1', [this.engine.clock.now()]);
    const before = await this.unclaimed();
    for (const sweeper of this.engine.sweepers) await sweeper.sweep();
    // What was taken back is found by the next sweep.
    if ((await this.unclaimed()) < before) this.mayForget = true;
  }

  private async unclaimed(): Promise<number> {
    const rows = await this.engine.database.query(`SELECT 1 FROM outbound WHERE state = 'admitted'`);
    return rows.length;
  }
}
