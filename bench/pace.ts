import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  code,
  FAST,
  MPS,
  paceWorld,
  PEOPLE,
  promotions,
  SMALL,
  SMALL_BUSINESS,
  SMALL_LIMIT,
  TEMPLATE_COUNT,
  texts,
} from './pace/world.js';
import { Field } from './support/field.js';
import { describeMachine } from './support/machine.js';
import type { WriteInput } from './support/meta.main.js';
import { quantiles, show, sleep } from './support/numbers.js';
import { Program } from './support/program.js';
import { costliestStatements, forgetStatements } from './support/statements.js';

/**
 * `npm run bench pace`: how much of a number's throughput is used, whether it is ever exceeded (the simulator's record is the judge),
 * and how long what is urgent takes while a campaign waits.
 */
const { values: given } = parseArgs({
  options: {
    queue: { type: 'string', default: 'redis' },
    seconds: { type: 'string', default: '60' },
    inbound: { type: 'string', default: '100' },
    backlog: { type: 'string', default: '200000' },
    texts: { type: 'string', default: '20000' },
    probes: { type: 'string', default: '300' },
    /** probes per second */
    rate: { type: 'string', default: '10' },
    batch: { type: 'string', default: '5000' },
    /** only: use, latency, million */
    only: { type: 'string' },
    /** also the cost per message with a million in the backlog, which takes its time */
    million: { type: 'boolean', default: false },
    /** the backlogs that are compared */
    sizes: { type: 'string', default: '10000,10000,1000000' },
    /** what PostgreSQL spends its time on meanwhile */
    statements: { type: 'boolean', default: false },
    profiles: { type: 'string' },
    /** an argument of Patchbay's Node, such as `--node=--trace-gc`; as often as needed */
    node: { type: 'string', multiple: true, default: [] },
  },
});
const [seconds, inbound, batch] = [Number(given.seconds), Number(given.inbound), Number(given.batch)];
const [backlog, freeTexts] = [Number(given.backlog), Number(given.texts)];
const [probes, rate] = [Number(given.probes), Number(given.rate)];

/** What the pace keeps free on purpose. */
const MARGIN = 0.05;
const RAMP_MS = 5_000;
/** So much more is queued than the measured time needs: some of it leaves while the rest is handed over. */
const SPARE_SECONDS = 30;
/** Customers who only write share few phones, so that the pair of two messages is hours apart. */
const WRITERS = 1_000;
const COST_SECONDS = 10;

const has = (part: string): boolean => given.only === undefined || given.only === part;

async function main(): Promise<void> {
  const bot = Program.start(join(import.meta.dirname, 'pace', 'bot.main.js'));
  const field = await Field.open({
    queue: given.queue === 'postgresql' ? 'postgresql' : 'redis',
    templates: TEMPLATE_COUNT,
    botUrl: await bot.ask<string>('listen', null),
    profiles: given.profiles,
    node: given.node,
    countsStatements: given.statements,
    simulator: { world: paceWorld(), statuses: { sentMs: 20, deliveredMs: 100, readMs: 300 } },
  });
  try {
    say(describeMachine(field.dataDir));
    say(`${await field.version()}\n`);
    if (has('use')) await use(field);
    if (has('latency')) await latencies(field);
    if (given.million || given.only === 'million') await costs(field);
  } finally {
    await bot.stop();
    await field.close();
  }
}

/** A number of 1,000 messages/s with a campaign, statuses and customers who write. */
async function use(field: Field): Promise<void> {
  const budget = (MPS - inbound) * (1 - MARGIN);
  const count = Math.ceil((seconds + SPARE_SECONDS) * budget);
  say(`Use of the throughput: ${MPS} messages/s, ${inbound}/s come in, ${show(count)} templates, ${seconds} s`);
  await field.meta.ask('forget', null);
  const endless = input(FAST, PEOPLE.writers, WRITERS, Number.MAX_SAFE_INTEGER, inbound, 'hello');
  const writing = field.meta.ask<number[]>('write', endless);
  const began = Date.now();
  await field.hand(promotions(FAST, PEOPLE.paced, count), batch);
  const { accepted: early } = await field.tally();
  say(`  taken (202) in ${show((Date.now() - began) / 1_000)} s, ${show(early)} are out by then`);
  const from = Math.max(Date.now(), (await firstAcceptance(field)) + RAMP_MS);
  const to = from + seconds * 1_000;
  await sleep(to - Date.now());
  const { accepted: later } = await field.tally();
  await field.meta.ask('stopWriting', null);
  await writing;
  const accepted = await field.meta.ask<number>('acceptedBetween', { from, to });
  const share = accepted / (budget * seconds);
  say(
    `  ${verdict(share >= 0.97)} ${show(accepted / seconds)} messages/s out: ${(share * 100).toFixed(1)} % of the budget of ${show(budget)}/s ` +
      `(${MPS} − ${inbound} in, − ${MARGIN * 100} %)`,
  );
  if (later >= count) say('  (the queue ran dry before the time was over: it says nothing about the pace)');
  const tally = await field.untilAccepted(count);
  say(`  lost ${count - tally.distinct}, doubled ${tally.accepted - tally.distinct}`);
  await judge(field, FAST);
  say('');
}

/** What is urgent, beside a backlog of all kinds. */
async function latencies(field: Field): Promise<void> {
  say(`Latencies beside a backlog of ${show(backlog)} promotions and ${show(freeTexts)} free texts into open windows`);
  await field.untilAccepted(Number.POSITIVE_INFINITY, 2_000);
  await field.meta.ask('forget', null);
  await field.meta.ask('write', input(FAST, PEOPLE.texts, freeTexts, freeTexts, 500, 'hello'));
  const began = performance.now();
  const promos = promotions(FAST, PEOPLE.backlog, backlog);
  await field.hand(promos, batch);
  await field.hand(texts(FAST, PEOPLE.texts, freeTexts), batch);
  say(`  handed over in ${show((performance.now() - began) / 1_000)} s; ${await waiting(field)} still wait`);

  const askers = phones(PEOPLE.askers);
  const asked = await field.meta.ask<number[]>('write', input(FAST, PEOPLE.askers, probes, probes, rate, 'a question'));
  await time(field, '(a) customer → bot → reply', askers, asked, undefined);
  const fresh = phones(PEOPLE.fresh);
  await time(field, '(b) authentication template', fresh, await probe(field, FAST, fresh), 'login_code');
  // The campaign goes out in the order in which it came, more or less: its last people still wait.
  const promoted = Array.from({ length: probes }, (_, place) => PEOPLE.backlog + backlog - 1 - place);
  const sent = await probe(field, FAST, promoted);
  await time(field, '(c) … to somebody whose promotion waits', promoted, sent, 'login_code');
  const overtaken = await field.meta.ask<number[]>('acceptedAt', { phones: promoted, template: 'promo' });
  say(`      (${overtaken.filter((at) => at === 0).length} of these ${probes} promotions still wait)`);
  say(`  ${await waiting(field)} waited at the end`);
  await judge(field, FAST);

  await field.hand(promotions(SMALL, PEOPLE.small, 2 * SMALL_LIMIT), batch);
  const { accepted } = await untilStill(field);
  const few = Math.min(probes, SMALL_LIMIT / 20);
  const last = Array.from({ length: few }, (_, place) => PEOPLE.small + 3 * SMALL_LIMIT + place);
  await time(
    field,
    `(d) … when marketing has eaten its tier (${show(accepted)} went out)`,
    last,
    await probe(field, SMALL, last),
    'login_code',
  );
  const { portfolios } = await field.limits();
  const portfolio = portfolios[SMALL_BUSINESS];
  say(
    `  ${verdict(portfolio !== undefined && portfolio.excess === 0)} portfolio of ${show(SMALL_LIMIT)}: ${show(portfolio?.worst ?? 0)} people in 24 h, ` +
      `${portfolio?.violations ?? 0} beyond the limit`,
  );
  await judge(field, SMALL);
  say('');
}

/** The processor time of one message with a small and a very large backlog, at the same pace. */
async function costs(field: Field): Promise<void> {
  say(`Cost per message at ${MPS} messages/s`);
  let phone: number = PEOPLE.million;
  for (const size of given.sizes.split(',').map(Number)) {
    await field.hand(promotions(FAST, phone, size + MPS * COST_SECONDS), 10_000);
    phone += size + MPS * COST_SECONDS;
    if (given.statements) await forgetStatements(field.client);
    const [before, from] = [await field.costs(), await field.tally()];
    await sleep(COST_SECONDS * 1_000);
    const [after, to] = [await field.costs(), await field.tally()];
    const count = to.accepted - from.accepted;
    const each = (ms: number): string => `${show((ms / count) * 1_000)} µs`;
    say(
      `  backlog of ${(await waiting(field)).padStart(9)}: ${show(count / COST_SECONDS)} messages/s; Patchbay ${each(after.patchbay - before.patchbay)}, ` +
        `PostgreSQL ${each(after.postgres - before.postgres)}, Redis ${each(after.redis - before.redis)}`,
    );
    if (given.statements) for (const line of await costliestStatements(field.client)) say(`  ${line}`);
  }
}

function input(
  number: string,
  from: number,
  customers: number,
  count: number,
  perSecond: number,
  text: string,
): WriteInput {
  return { number, from, customers, count, perSecond, text };
}

function phones(from: number): number[] {
  return Array.from({ length: probes }, (_, place) => from + place);
}

/** Codes at an even pace. Gives back when each was handed over. */
async function probe(field: Field, account: string, people: readonly number[]): Promise<number[]> {
  const began = performance.now();
  return Promise.all(
    people.map(async (phone, place) => {
      await sleep(began + (place / rate) * 1_000 - performance.now());
      return field.handOne(code(account, phone));
    }),
  );
}

/** Waits for the acceptance of each and says how long it took. */
async function time(
  field: Field,
  name: string,
  people: readonly number[],
  since: readonly number[],
  template: string | undefined,
): Promise<void> {
  const question = { phones: people, ...(template !== undefined && { template }) };
  let at: number[] = [];
  for (const began = performance.now(); performance.now() - began < 20_000; await sleep(50)) {
    at = await field.meta.ask<number[]>('acceptedAt', question);
    if (!at.includes(0)) break;
  }
  const found = at.flatMap((one, place) => (one === 0 ? [] : [Math.max(0, one - (since[place] ?? 0))]));
  const { p50, p99, max } = quantiles(found);
  const missing = people.length - found.length;
  say(
    `  ${verdict(p99 < 250 && missing === 0)} ${name}: p50 ${show(p50)} ms, p99 ${show(p99)} ms, max ${show(max)} ms` +
      (missing > 0 ? `; NOT ACCEPTED within 20 s: ${missing} of ${people.length}` : ''),
  );
}

/** What the simulator's record says of a number. */
async function judge(field: Field, number: string): Promise<void> {
  const { numbers, pair } = await field.limits();
  const report = numbers[number];
  if (report === undefined) return;
  const worst = report.worst.map(
    ({ ms, count, excess }) => `${ms} ms: ${show(count)} (${excess > 0 ? '+' : ''}${show(excess)})`,
  );
  const isKept = report.worst.every(({ excess }) => excess <= 0);
  say(`  ${verdict(isKept)} fullest intervals (over limit × interval + ${show(report.burst)}): ${worst.join(', ')}`);
  say(`  ${verdict(pair.violations === 0)} pair limit: ${pair.violations} violations`);
}

async function firstAcceptance(field: Field): Promise<number> {
  await field.untilAccepted(1, 60_000);
  return (await field.tally()).firstAt;
}

/** Waits until nothing has gone out on the small number for a while. */
async function untilStill(field: Field): Promise<{ accepted: number }> {
  for (let last = -1; ;) {
    const accepted = (await field.limits()).numbers[SMALL]?.sent ?? 0;
    if (accepted === last && accepted > 0) return { accepted };
    last = accepted;
    await sleep(3_000);
  }
}

/** How many outbound messages have not been accepted yet. */
async function waiting(field: Field): Promise<string> {
  const { rows } = await field.client.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM message WHERE direction = 'out' AND status IN ('queued', 'held', 'sending')",
  );
  return show(rows[0]?.count ?? 0);
}

function verdict(isGood: boolean): string {
  return isGood ? 'ok    ' : 'MISSED';
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
