import { beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type {
  CallOutcome,
  TemplateChanged,
  TemplateContent,
  TemplateDescription,
  TemplatesFacet,
} from '../../src/contract/index.js';
import type { GatewayDirectory } from '../../src/gateway/gateway-directory.js';
import { ManualClock } from '../../src/platform/clock/clock.js';
import type { Database, Sql } from '../../src/platform/database/database.js';
import type { Kicker } from '../../src/platform/queue/kicker.js';
import { newId } from '../../src/platform/ids/ids.js';
import type { TemplateEvents } from '../../src/template/template-events.service.js';
import { TemplateHooks } from '../../src/template/template-hooks.js';
import { Problem } from '../../src/platform/problem/problem.js';
import { TemplateJudge } from '../../src/template/template-judge.service.js';
import { TemplateNewsService } from '../../src/template/template-news.service.js';
import { TemplateRepository } from '../../src/template/template.repository.js';
import { TemplateSyncRepository } from '../../src/template/template-sync.repository.js';
import { TemplateSyncService } from '../../src/template/template-sync.service.js';
import { openTestDatabase } from '../support/database.js';

type Listed = CallOutcome<readonly TemplateDescription[]>;

const ok = (...value: TemplateDescription[]): Listed => ({ status: 'ok', value });
const AWAY: Listed = { status: 'unreachable', reason: 'connection refused' };

function template(name: string, more: Partial<TemplateDescription> = {}): TemplateDescription {
  const parameters = { format: 'positional', body: [], buttons: [] } as const;
  return { name, language: 'uk', category: 'UTILITY', status: 'APPROVED', parameters, components: [], ...more };
}

/** One group of one gateway, on a database of its own, whose network answers what a test says. */
class Bench {
  readonly clock = new ManualClock();
  readonly groupId = newId();
  readonly gatewayId = newId();
  readonly released: string[] = [];
  asked = 0;
  answer: () => Promise<Listed> | Listed = () => ok();
  readonly facet: TemplatesFacet = {
    list: async () => {
      this.asked += 1;
      return this.answer();
    },
    check: ({ params }) =>
      params === undefined ? [] : [{ path: 'content.params', code: 'template.parameters', message: 'takes nothing' }],
    classOf: (category) => (category === 'UTILITY' ? 'utility' : 'marketing'),
    standingOf: (status) => (status === 'APPROVED' ? 'usable' : status === 'PAUSED' ? 'paused' : 'unusable'),
  };
  readonly templates: TemplateRepository;
  readonly syncs: TemplateSyncRepository;
  readonly news: TemplateNewsService;
  private readonly hooks = new TemplateHooks();
  /** nobody is told here */
  private readonly events = { write: async () => false } as unknown as TemplateEvents;

  constructor(readonly database: Database) {
    this.templates = new TemplateRepository(database);
    this.syncs = new TemplateSyncRepository(database);
    this.news = new TemplateNewsService(this.templates, this.syncs, this.hooks, this.events);
    this.hooks.registerHolds({
      release: async (_sql: Sql, ids) => {
        this.released.push(...ids);
        return new Set();
      },
      wake: () => undefined,
    });
  }

  static async open(): Promise<Bench> {
    const bench = new Bench(await openTestDatabase());
    const at = bench.clock.now();
    await bench.database.query(
      `INSERT INTO gateway (id, uri, name, type, enabled, metadata, status, created_at, updated_at)
       VALUES ($1, 'acme', 'Acme', 'fake', true, '{}', 'ok', $2, $2)`,
      [bench.gatewayId, at],
    );
    await bench.database.query(
      `INSERT INTO account_group (id, gateway_id, channel, address, name, details, subscribed, created_at, updated_at)
       VALUES ($1, $2, 'chat', 'g1', 'Group', '{}', true, $3, $3)`,
      [bench.groupId, bench.gatewayId, at],
    );
    return bench;
  }

  /** A process of its own, as far as templates go. */
  process(): { sync: TemplateSyncService; judge: TemplateJudge } {
    const gateway = { channel: () => ({ templates: this.facet }), call: () => ({}) };
    const directory = { byId: () => gateway } as unknown as GatewayDirectory;
    const log = pino({ level: 'silent' });
    const sync = new TemplateSyncService(
      this.database,
      this.clock,
      directory,
      this.templates,
      this.syncs,
      this.hooks,
      this.events,
      { kick: () => undefined } as unknown as Kicker,
      log,
    );
    return { sync, judge: new TemplateJudge(this.templates, this.syncs, sync) };
  }

  async stored(): Promise<Record<string, string>> {
    const rows = await this.database.query<{ name: string; status: string }>(
      'SELECT name, status FROM template ORDER BY name',
    );
    return Object.fromEntries(rows.map(({ name, status }) => [name, status]));
  }

  tell(change: Partial<TemplateChanged>): Promise<ReadonlySet<string>> {
    const occurredAt = change.occurredAt ?? this.clock.now();
    const kind = change.quality === undefined ? 'status' : 'quality';
    const whole: TemplateChanged = {
      type: 'template',
      group: 'g1',
      key: `${kind}|1|${occurredAt.getTime()}|${change.status ?? change.quality ?? ''}`,
      occurredAt,
      name: 'a',
      language: 'uk',
      raw: null,
      ...change,
    };
    const one = { gatewayId: this.gatewayId, channel: 'chat', facet: this.facet, change: whole };
    return this.database.transaction(async (sql) => (await this.news.apply(sql, [one], this.clock.now())).accountIds);
  }

  async dueAt(): Promise<Date | undefined> {
    const [row] = await this.database.query<{ due_at: Date }>('SELECT due_at FROM template_sync');
    return row?.due_at;
  }
}

let bench: Bench;

beforeEach(async () => {
  bench = await Bench.open();
});

describe('reading the list of a group', () => {
  it('adds, changes, and marks what is gone', async () => {
    const { sync } = bench.process();
    bench.answer = () => ok(template('a'), template('b'));
    expect(await sync.sync(bench.groupId, true)).toBe('done');
    bench.clock.advance(60_000);
    bench.answer = () => ok(template('b', { status: 'REJECTED' }), template('c'));
    expect(await sync.sync(bench.groupId, false)).toBe('done');
    expect(await bench.stored()).toEqual({ a: 'DELETED', b: 'REJECTED', c: 'APPROVED' });
  });

  it.each([
    ['is refused', { status: 'refused', remote: { code: 190, message: 'dead token' } } as Listed],
    ['gets no answer', AWAY],
  ])('leaves what was there when it %s, and is tried again later and later', async (_, failure) => {
    const { sync } = bench.process();
    bench.answer = () => ok(template('a'));
    await sync.sync(bench.groupId, true);
    bench.answer = () => failure;
    const waits: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      bench.clock.advance(12 * 3_600_000);
      expect(await sync.sync(bench.groupId, true)).toBe('failed');
      waits.push(((await bench.dueAt())?.getTime() ?? 0) - bench.clock.now().getTime());
    }
    expect(await bench.stored()).toEqual({ a: 'APPROVED' });
    expect(waits).toEqual([60_000, 120_000, 240_000]);
  });

  it('is done by one process at a time, and not twice within a minute', async () => {
    const [one, two] = [bench.process(), bench.process()];
    let finish: (listed: Listed) => void = () => undefined;
    bench.answer = () => new Promise<Listed>((resolve) => (finish = resolve));
    const first = one.sync.sync(bench.groupId, false);
    const same = one.sync.sync(bench.groupId, false);
    while (bench.asked === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await two.sync.sync(bench.groupId, true)).toBe('busy');
    finish(ok(template('a')));
    expect(await Promise.all([first, same])).toEqual(['done', 'done']);
    expect(await two.sync.sync(bench.groupId, false)).toBe('busy');
    bench.clock.advance(60_000);
    bench.answer = () => ok();
    expect(await two.sync.sync(bench.groupId, false)).toBe('done');
    expect(bench.asked).toBe(2);
  });

  it('is taken over when its process died, and what that one still brings is not believed', async () => {
    const [dead, other] = [bench.process(), bench.process()];
    let finish: (listed: Listed) => void = () => undefined;
    bench.answer = () => new Promise<Listed>((resolve) => (finish = resolve));
    const late = dead.sync.sync(bench.groupId, false);
    while (bench.asked === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    bench.clock.advance(6 * 60_000);
    expect(await bench.syncs.due(bench.clock.now())).toEqual([bench.groupId]);
    bench.answer = () => ok(template('new'));
    expect(await other.sync.sync(bench.groupId, true)).toBe('done');
    finish(ok(template('old')));
    expect(await late).toBe('busy');
    expect(await bench.stored()).toEqual({ new: 'APPROVED' });
  });

  it('is due for a new group, and again when somebody wants it, but a minute after the last one', async () => {
    await bench.syncs.addNew(['chat'], bench.clock.now());
    expect(await bench.syncs.due(bench.clock.now())).toEqual([bench.groupId]);
    await bench.process().sync.sync(bench.groupId, true);
    expect(await bench.syncs.due(bench.clock.now())).toEqual([]);
    await bench.syncs.want(bench.database, [bench.groupId], bench.clock.now());
    expect(await bench.syncs.due(bench.clock.now())).toEqual([]);
    bench.clock.advance(60_000);
    expect(await bench.syncs.due(bench.clock.now())).toEqual([bench.groupId]);
    await bench.process().sync.sync(bench.groupId, true);
    await bench.syncs.wantOfGateway(bench.gatewayId, bench.clock.now(), true);
    expect(await bench.syncs.due(bench.clock.now())).toEqual([bench.groupId]);
  });

  it('does not undo news that came while it was under way, and is done once more', async () => {
    const { sync } = bench.process();
    bench.answer = () => ok(template('a'));
    await sync.sync(bench.groupId, true);
    bench.clock.advance(60_000);
    bench.answer = async () => {
      bench.clock.advance(1_000);
      await bench.tell({ status: 'PAUSED' });
      return ok(template('a'));
    };
    await sync.sync(bench.groupId, true);
    expect(await bench.stored()).toEqual({ a: 'PAUSED' });
    bench.clock.advance(60_000);
    expect(await bench.syncs.due(bench.clock.now())).toEqual([bench.groupId]);
    bench.answer = () => ok(template('a'));
    await sync.sync(bench.groupId, true);
    expect(await bench.stored()).toEqual({ a: 'APPROVED' });
    expect(bench.released).toHaveLength(1);
  });
});

describe('news of a template', () => {
  beforeEach(async () => {
    bench.answer = () => ok(template('a'));
    await bench.process().sync.sync(bench.groupId, true);
    bench.clock.advance(10 * 60_000);
  });

  it('takes effect at once, and what was held goes on with the end of the pause', async () => {
    await bench.tell({ status: 'PAUSED' });
    expect(await bench.stored()).toEqual({ a: 'PAUSED' });
    bench.clock.advance(1_000);
    await bench.tell({ status: 'APPROVED' });
    expect(bench.released).toHaveLength(1);
  });

  it('that is repeated, or comes late, undoes nothing; late news asks for the list', async () => {
    const paused = { status: 'PAUSED', occurredAt: bench.clock.now() };
    await bench.tell(paused);
    await bench.tell(paused);
    expect(await bench.syncs.due(bench.clock.now())).toEqual([]);
    bench.clock.advance(1_000);
    await bench.tell({ status: 'APPROVED' });
    await bench.tell(paused);
    expect(await bench.stored()).toEqual({ a: 'APPROVED' });
    expect(await bench.syncs.due(bench.clock.now())).toEqual([bench.groupId]);
  });

  it('from before the list was read asks for it again', async () => {
    await bench.tell({ status: 'PAUSED', occurredAt: new Date(bench.clock.now().getTime() - 3_600_000) });
    expect(await bench.stored()).toEqual({ a: 'APPROVED' });
    expect(await bench.syncs.due(bench.clock.now())).toEqual([bench.groupId]);
  });

  it('of two kinds in the same second both count', async () => {
    await bench.tell({ quality: 'RED' });
    await bench.tell({ status: 'PAUSED' });
    const [row] = await bench.database.query('SELECT status, quality FROM template');
    expect(row).toEqual({ status: 'PAUSED', quality: 'RED' });
  });

  it('of a template or a group that we do not know asks for the list, or nothing', async () => {
    await bench.tell({ name: 'other', status: 'APPROVED' });
    expect(await bench.syncs.due(bench.clock.now())).toEqual([bench.groupId]);
    await bench.tell({ group: 'strange', status: 'PAUSED' });
    expect(await bench.stored()).toEqual({ a: 'APPROVED' });
  });

  it('is asked for when a pause should be over', async () => {
    await bench.tell({ status: 'PAUSED', pausedUntil: new Date(bench.clock.now().getTime() + 60_000) });
    expect(await bench.templates.pausesOver(bench.clock.now())).toEqual([]);
    bench.clock.advance(60_000);
    expect(await bench.templates.pausesOver(bench.clock.now())).toEqual([bench.groupId]);
    expect(await bench.templates.pausesOver(bench.clock.now())).toEqual([]);
  });
});

describe('judging a content', () => {
  const content = (name: string, more: Partial<TemplateContent> = {}): TemplateContent => ({
    type: 'template',
    name,
    language: 'uk',
    ...more,
  });
  const judge = async (name: string, more?: Partial<TemplateContent>) => {
    const question = { facet: bench.facet, groupId: bench.groupId, content: content(name, more), path: 'content' };
    const [answer] = await bench.process().judge.judgeAll([question]);
    if (answer instanceof Problem) throw answer;
    return answer;
  };

  it('knows the class, also of one whose network was never asked before', async () => {
    bench.answer = () => ok(template('a'), template('b', { category: 'NEW' }));
    expect(await judge('a')).toMatchObject({ class: 'utility', id: expect.any(String) });
    expect(await judge('b')).toMatchObject({ class: 'marketing' });
    expect(bench.asked).toBe(1);
  });

  it('asks once for an unknown name, and refuses it then', async () => {
    bench.answer = () => ok(template('a', { language: 'en' }));
    for (let time = 0; time < 3; time += 1) {
      await expect(judge('a')).rejects.toMatchObject({
        code: 'template.unknown',
        detail: expect.stringContaining('en.'),
      });
    }
    expect(bench.asked).toBe(1);
  });

  it.each([
    ['the network does not answer', () => AWAY],
    ['nothing is listed', () => ok()],
  ])('takes an unknown name as marketing when %s', async (_, answer) => {
    bench.answer = answer;
    expect(await judge('x')).toEqual({ class: 'marketing' });
    expect(await judge('x')).toEqual({ class: 'marketing' });
    expect(bench.asked).toBe(1);
  });

  it('does not wait longer than a person would, and takes the message', async () => {
    bench.answer = () => new Promise<Listed>(() => undefined);
    const started = performance.now();
    expect(await judge('x')).toEqual({ class: 'marketing' });
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it('looks again before it refuses: it may have been approved, or edited', async () => {
    bench.answer = () => ok(template('a', { status: 'PENDING' }));
    await expect(judge('a')).rejects.toMatchObject({ code: 'template.unavailable' });
    bench.clock.advance(60_000);
    bench.answer = () => ok(template('a'));
    expect(await judge('a')).toMatchObject({ class: 'utility' });
    await expect(judge('a', { params: {} })).rejects.toMatchObject({ code: 'template.parameters', status: 422 });
  });

  it('takes what is paused: its turn comes', async () => {
    bench.answer = () => ok(template('a', { status: 'PAUSED' }));
    expect(await judge('a')).toMatchObject({ class: 'utility' });
  });

  it('has no opinion where the channel knows no templates', async () => {
    const { judge: own } = bench.process();
    const question = { facet: undefined, groupId: bench.groupId, content: content('a'), path: 'content' };
    expect(await own.judgeAll([question])).toEqual([{ class: 'marketing' }]);
    expect(bench.asked).toBe(0);
  });
});
