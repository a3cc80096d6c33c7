import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Patchbay } from '../test/support/patchbay.js';
import { WORLD } from '../test/support/stage.js';
import type { BotReport } from './ingest/bot.main.js';
import { type Backlog, Ground, URI, readBacklog } from './ingest/ground.js';
import type { FloodInput, FloodResult, PaceInput, PaceResult } from './ingest/load.main.js';
import type { Mix } from './ingest/webhooks.js';
import { describeMachine } from './support/machine.js';
import { median, quantiles, show, sleep } from './support/numbers.js';
import { Program } from './support/program.js';

/**
 * `npm run bench ingest`: how fast provider events are taken durably, beside the least that could do it (the ceiling), and at
 * what rate the whole pipeline up to the bot holds. Everything runs on this machine: the generator, the ceiling, the bot and
 * PostgreSQL take their share of its cores, so the ratios travel and the numbers do not.
 */
const { values: given } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '6' },
    connections: { type: 'string', default: '64' },
    customers: { type: 'string', default: '2000' },
    /** updates/s to hold, instead of searching for it */
    rate: { type: 'string' },
    /** `all`: the bot is told of statuses too */
    events: { type: 'string', default: 'default' },
    /** only: take, pipeline */
    only: { type: 'string' },
    redis: { type: 'string' },
    /** a folder for CPU profiles of Patchbay */
    profiles: { type: 'string' },
    /** shows what PostgreSQL has spent its time on while the rate was held */
    statements: { type: 'boolean', default: false },
  },
});
const minutes = Number(given.minutes);
const rounds = Number(given.rounds);
const seconds = Number(given.seconds);
const connections = Number(given.connections);
const customers = Number(given.customers);

const LARGEST_BATCH = 50;
const UPDATES_PER_POST = (1 + LARGEST_BATCH) / 2;
const STRANGER_EVERY = 10;
const TRIAL_SECONDS = 15;
const TRIALS = 5;

const program = (name: string): Program => Program.start(join(import.meta.dirname, 'ingest', `${name}.main.js`));

async function main(): Promise<void> {
  if (given.profiles !== undefined) await mkdir(given.profiles, { recursive: true });
  const dataDir = await mkdtemp(join(tmpdir(), 'patchbay-bench-'));
  say(describeMachine(dataDir));
  const ground = await Ground.open({
    dataDir,
    redisUrl: given.redis,
    profiles: given.profiles,
    countsStatements: given.statements,
  });
  const programs = { load: program('load'), ceiling: program('ceiling'), bot: program('bot') };
  try {
    say(`${await ground.version()}; BullMQ on ${given.redis === undefined ? 'PostgreSQL' : 'Redis'}\n`);
    const ceilingPort = await programs.ceiling.ask<number>('listen', {
      connectionString: ground.database,
      secret: WORLD.appSecret,
    });
    const botUrl = await programs.bot.ask<string>('listen', null);
    const events = given.events === 'all' ? ['*'] : undefined;
    const start = (roles: string): Promise<Patchbay> => ground.startPatchbay(roles, botUrl, events);
    let taken = 0;
    if (given.only !== 'pipeline') {
      taken = await compare(ground, programs.load, ceilingPort, 'api', start);
      await compare(ground, programs.load, ceilingPort, 'api,worker', start);
    }
    if (given.only !== 'take') await hold(ground, programs.load, programs.bot, taken, start);
  } finally {
    for (const one of Object.values(programs)) await one.stop();
    await ground.close();
  }
}

/** Rounds against the ceiling and Patchbay in turn. Gives back Patchbay's median. */
async function compare(
  ground: Ground,
  load: Program,
  ceilingPort: number,
  roles: string,
  start: (roles: string) => Promise<Patchbay>,
): Promise<number> {
  say(
    `Taking webhooks: 1 kB, unique, signed, ${connections} connections, ${rounds} rounds of ${seconds} s each, in turn`,
  );
  const patchbay = await start(roles);
  const ports = { ceiling: ceilingPort, [`Patchbay (ROLES=${roles})`]: Number(new URL(patchbay.url).port) };
  const results = new Map<string, FloodResult[]>(Object.keys(ports).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, port] of Object.entries(ports)) {
      await ground.sweep();
      const input: FloodInput = {
        port,
        path: `/chat/${URI}`,
        world: WORLD,
        connections,
        seconds,
        warmUpSeconds: 1,
        run: `take.${roles}.${round}.${name.length}`,
        customers,
        prepared: Math.round((seconds + 1) * 18_000),
      };
      const result = await load.ask<FloodResult>('flood', input);
      results.get(name)?.push(result);
      say(`  ${name.padEnd(30)} ${describeFlood([result])}`);
    }
  }
  await ground.sweep();
  await patchbay.stop();
  const medians = [...results].map(([name, list]) => {
    say(`  median: ${name.padEnd(22)} ${describeFlood(list)}`);
    return median(list.map(({ perSecond }) => perSecond));
  });
  const [ceiling = 0, own = 0] = medians;
  // Each round beside its neighbour: what disturbs the machine for a while disturbs both.
  const [ceilings = [], owns = []] = [...results.values()];
  const pairs = owns.map(({ perSecond }, round) => perSecond / (ceilings[round]?.perSecond ?? 1));
  say(`  ratio: ${(own / ceiling).toFixed(2)} of the ceiling (pair by pair: median ${median(pairs).toFixed(2)})\n`);
  return own;
}

function describeFlood(results: readonly FloodResult[]): string {
  const middle = (read: (result: FloodResult) => number): number => median(results.map(read));
  const refused = results.reduce((sum, result) => sum + result.refused, 0);
  return [
    `${show(middle(({ perSecond }) => perSecond)).padStart(7)} req/s`,
    `p50 ${show(middle(({ latencyMs }) => latencyMs.p50))} ms`,
    `p99 ${show(middle(({ latencyMs }) => latencyMs.p99))} ms`,
    `max ${show(middle(({ latencyMs }) => latencyMs.max))} ms`,
    ...(refused > 0 ? [`NOT 200: ${refused}`] : []),
  ].join(', ');
}

interface Run {
  readonly sent: PaceResult;
  readonly bot: BotReport;
  readonly backlogs: readonly Backlog[];
  /** how long it took after the last POST until nothing waited any more */
  readonly drainMs: number;
  readonly commits: number;
  readonly isHeld: boolean;
}

/** Looks for the rate that the pipeline holds, then holds it. */
async function hold(
  ground: Ground,
  load: Program,
  bot: Program,
  taken: number,
  start: (roles: string) => Promise<Patchbay>,
): Promise<void> {
  const told = given.events === 'all' ? 'messages and statuses' : 'messages (the default events)';
  say(`The pipeline (one process, ROLES=api,worker): 1 message + 3 statuses, 1–${LARGEST_BATCH} updates per POST,`);
  say(
    `${customers} customers, one status in ${STRANGER_EVERY} of a message we did not send; the bot is told of ${told}`,
  );
  const patchbay = await start('api,worker');
  await ground.sweep();
  const once = Math.ceil(customers / 40);
  let number = 0;
  const run = async (rate: number, lasting: number, isShown: boolean): Promise<Run> => {
    number += 1;
    const count = Math.ceil(((rate * lasting * 0.75) / 3) * 1.05) + LARGEST_BATCH;
    const from = number === 1 ? 0 : await ground.outbound(patchbay, customers, count);
    await bot.ask('report', null);
    await ground.forgetStatements();
    const mix = { run: `run${number}`, customers, outbound: { from, count }, strangerEvery: STRANGER_EVERY };
    return drive(ground, patchbay, load, bot, rate, lasting, mix, isShown);
  };
  try {
    // Once round all customers, which also makes them known; its statuses speak of nothing that exists.
    await run(2_000, (once * 160) / 2_000 + 1, false);
    let best = Number(given.rate ?? 0);
    if (best === 0) best = await search(taken, run);
    for (let rate = best; ; rate *= 0.9) {
      say(`  holding ${show(rate)} updates/s for ${minutes} min`);
      const result = await run(rate, minutes * 60, true);
      for (const line of await ground.costliestStatements()) say(`    ${line}`);
      report(result, rate);
      if (result.isHeld || rate < best / 2) break;
    }
  } finally {
    await patchbay.stop();
  }
}

/** First half the rate of POSTs that was measured, counted as updates; from there by halves of what is left. */
async function search(
  taken: number,
  run: (rate: number, lasting: number, isShown: boolean) => Promise<Run>,
): Promise<number> {
  let [low, high] = [0, Number.POSITIVE_INFINITY];
  let rate = taken > 0 ? taken / 2 : 2_000;
  for (let trial = 0; trial < TRIALS || low === 0; trial += 1) {
    const result = await run(rate, TRIAL_SECONDS, false);
    say(
      `  trial of ${show(rate).padStart(6)} updates/s: ${result.isHeld ? 'held' : 'NOT held'}; ${describeRun(result)}`,
    );
    if (result.isHeld) low = rate;
    else high = rate;
    if (high - low < low * 0.08) break;
    rate = high === Number.POSITIVE_INFINITY ? low * 2 : (low + high) / 2;
  }
  return low * 0.9;
}

async function drive(
  ground: Ground,
  patchbay: Patchbay,
  load: Program,
  bot: Program,
  rate: number,
  lasting: number,
  mix: Mix,
  isShown: boolean,
): Promise<Run> {
  const before = await ground.commits();
  const input: PaceInput = {
    ...mix,
    port: Number(new URL(patchbay.url).port),
    path: `/chat/${URI}`,
    world: WORLD,
    connections,
    seconds: lasting,
    updatesPerSecond: rate,
    largestBatch: LARGEST_BATCH,
  };
  const backlogs: Backlog[] = [];
  let isOver = false;
  const sending = load.ask<PaceResult>('pace', input).finally(() => {
    isOver = true;
  });
  const every = Math.max(1_000, Math.min(5_000, (lasting * 1_000) / 60));
  while (!isOver) {
    await Promise.race([sleep(every), sending]);
    if (isOver) break;
    const backlog = await readBacklog(patchbay);
    backlogs.push(backlog);
    if (isShown && backlogs.length % 6 === 0)
      say(`    backlog: ${show(backlog.inbox)} webhooks, ${show(backlog.events)} events`);
  }
  const sent = await sending;
  const ended = performance.now();
  for (;;) {
    const { inbox, events } = await readBacklog(patchbay);
    if (inbox + events === 0 || performance.now() - ended > 120_000) break;
    await sleep(50);
  }
  const drainMs = performance.now() - ended;
  const report = await bot.ask<BotReport>('report', null);
  const result = { sent, bot: report, backlogs, drainMs, commits: (await ground.commits()) - before };
  return { ...result, isHeld: isHeld(result, lasting) };
}

/** Held: what waits at the end is gone at once, the generator kept its pace, and nothing was refused. */
function isHeld({ sent, drainMs }: Omit<Run, 'isHeld'>, lasting: number): boolean {
  return drainMs < 1_500 && sent.seconds < lasting + 1 && sent.refused === 0;
}

function describeRun({ sent, bot, drainMs, backlogs }: Run): string {
  const { lagMs } = bot;
  return [
    `lag webhook → bot p50 ${show(lagMs.p50)} ms, p99 ${show(lagMs.p99)} ms`,
    `POST p99 ${show(sent.latencyMs.p99)} ms`,
    `backlog at the end ${show(backlogs.at(-1)?.inbox ?? 0)} webhooks + ${show(backlogs.at(-1)?.events ?? 0)} events`,
    `empty after ${show(drainMs)} ms`,
  ].join(', ');
}

function report(result: Run, rate: number): void {
  const { sent, bot, backlogs, commits } = result;
  const third = Math.max(1, Math.floor(backlogs.length / 3));
  const waiting = (list: readonly Backlog[]): string =>
    `${show(median(list.map(({ inbox }) => inbox)))} webhooks + ${show(median(list.map(({ events }) => events)))} events`;
  const posts = sent.posts / sent.seconds;
  say(
    `  ${result.isHeld ? 'HELD' : 'NOT HELD'}: ${show(sent.updates / sent.seconds)} updates/s in ${show(posts)} POSTs/s`,
  );
  say(`  ${describeRun(result)}`);
  say(
    `  the bot was told of ${show(bot.events)} events (${show(bot.events / sent.seconds)}/s); POSTs not answered 200: ${sent.refused}`,
  );
  say(
    `  backlog, median of the first third: ${waiting(backlogs.slice(0, third))}; of the last: ${waiting(backlogs.slice(-third))}`,
  );
  say(`  worst backlog: ${show(quantiles(backlogs.map(({ inbox }) => inbox)).max)} webhooks`);
  say(
    `  ${show(commits / sent.seconds)} commits/s; asked for ${show(rate)} updates/s (${UPDATES_PER_POST} per POST)\n`,
  );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
