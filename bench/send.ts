import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { PhoneNumberInput, WorldInput } from '../src/simulator/simulator.js';
import { WORLD } from '../test/support/stage.js';
import type { CeilingInput } from './send/ceiling.main.js';
import { type Costs, Field, type OutboundMessage } from './support/field.js';
import { describeMachine } from './support/machine.js';
import type { Tally } from './support/meta.main.js';
import { median, show } from './support/numbers.js';
import { Program } from './support/program.js';
import { busiestTables, costliestStatements, forgetStatements } from './support/statements.js';

/**
 * `npm run bench send`: how many messages per second go from `POST /messages/batch` to Meta's acceptance, beside a bare BullMQ
 * worker on the same backend. Paces are lifted (the numbers' throughput is very large), so that it is the software that limits.
 */
const { values: given } = parseArgs({
  options: {
    queue: { type: 'string', default: 'redis' },
    messages: { type: 'string', default: '20000' },
    'warm-up': { type: 'string', default: '2000' },
    accounts: { type: 'string', default: '4' },
    /** throughput level of each number, in messages/s */
    level: { type: 'string', default: '100000' },
    /** messages per request, and requests at once */
    batch: { type: 'string', default: '1000' },
    requests: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '1' },
    /** of the ceiling's worker */
    concurrency: { type: 'string', default: '64' },
    /** a folder for CPU profiles of Patchbay */
    profiles: { type: 'string' },
    /** an argument of Patchbay's Node, such as `--node=--trace-gc`; as often as needed */
    node: { type: 'string', multiple: true, default: [] },
    /** what PostgreSQL spends its time on */
    statements: { type: 'boolean', default: false },
    /** without the ceiling */
    own: { type: 'boolean', default: false },
  },
});
const [messages, warmUp, accounts] = [Number(given.messages), Number(given['warm-up']), Number(given.accounts)];
const queue = given.queue === 'postgresql' ? 'postgresql' : 'redis';
const rounds = Number(given.rounds);

const CEILING = { appId: '7700', token: 'EAACeiling', userId: '7701', businessId: '7702', wabaId: '7703' };
const PROMO = { name: 'promo', category: 'MARKETING', components: [{ type: 'BODY', text: 'New: scarves in green.' }] };
const FIRST_PHONE = 16_500_000_000;
const OWN = numbers('2000', Number(given.accounts));
const CEILINGS = numbers('3000', Number(given.accounts));

interface Outcome {
  readonly perSecond: number;
  readonly tally: Tally;
  readonly costs: Costs;
}

async function main(): Promise<void> {
  const field = await Field.open({
    queue,
    templates: 1,
    profiles: given.profiles,
    node: given.node,
    countsStatements: given.statements,
    simulator: {
      world: {
        businesses: [{ id: WORLD.businessId, messagingLimit: 'unlimited' }],
        wabas: [{ id: WORLD.wabaId, phoneNumbers: OWN, templates: [PROMO] }],
      },
      statuses: { sentMs: 5, deliveredMs: 10, readMs: 20 },
    },
  });
  const ceiling = Program.start(join(import.meta.dirname, 'send', 'ceiling.main.js'));
  try {
    say(describeMachine(field.dataDir));
    say(`${await field.version()}\n`);
    say(`${show(messages)} templates to as many people over ${accounts} numbers after ${show(warmUp)} to warm up,`);
    say(`three statuses each in POSTs of 1–50; handed over ${given.batch} per request, ${given.requests} at once\n`);
    await field.meta.ask('merge', ceilingWorld(await ceiling.ask<string>('listen', null)));
    let phone = FIRST_PHONE;
    const next = (count: number): number => (phone += count) - count;
    if (!given.own) await runCeiling(field, ceiling, next(warmUp), warmUp);
    await runOwn(field, next(warmUp), warmUp, 0);
    const [ceilings, owns]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      const bare = given.own ? undefined : await runCeiling(field, ceiling, next(messages), messages);
      if (bare) report('bare BullMQ worker', bare, messages);
      if (given.statements) await forgetStatements(field.client);
      const own = await runOwn(field, next(messages), messages, warmUp + round * messages);
      report('Patchbay', own, messages);
      owns.push(own.perSecond);
      if (given.statements) await showDatabase(field);
      if (!bare) continue;
      ceilings.push(bare.perSecond);
      say(`  ratio: ${(own.perSecond / bare.perSecond).toFixed(2)} of the ceiling\n`);
    }
    if (rounds > 1 && !given.own) {
      const [bare, own] = [median(ceilings), median(owns)];
      say(`medians: ceiling ${show(bare)}/s, Patchbay ${show(own)}/s, ratio ${(own / bare).toFixed(2)}`);
    }
  } finally {
    await ceiling.stop();
    await field.close();
  }
}

async function showDatabase({ client }: Field): Promise<void> {
  for (const line of [...(await costliestStatements(client)), ...(await busiestTables(client))]) say(`  ${line}`);
}

/** From the first POST to the last acceptance; then on until the last receipt is applied. */
async function runOwn(field: Field, firstPhone: number, count: number, readBefore: number): Promise<Outcome> {
  await field.meta.ask('forget', null);
  const before = await field.costs();
  const began = Date.now();
  const list = Array.from({ length: count }, (_, place): OutboundMessage => {
    const account = OWN[place % OWN.length]?.id ?? '';
    return { account, to: `+${firstPhone + place}`, content: { type: 'template', name: 'promo', language: 'en_US' } };
  });
  await field.hand(list, Number(given.batch), Number(given.requests));
  const handedMs = Date.now() - began;
  const tally = await field.untilAccepted(count);
  const missing = await field.untilRead(readBefore + count);
  const readMs = Date.now() - began;
  const costs = difference(await field.costs(), before);
  if (count === messages) {
    say(`  Patchbay: all taken (202) after ${show(handedMs)} ms, the last receipt applied after ${show(readMs)} ms`);
    say(
      `  (${show((count / readMs) * 1_000)} messages/s with their receipts)${missing > 0 ? `; NOT READ: ${missing}` : ''}`,
    );
  }
  return { perSecond: (tally.accepted / (tally.lastAt - began)) * 1_000, tally, costs };
}

async function runCeiling(field: Field, ceiling: Program, firstPhone: number, count: number): Promise<Outcome> {
  await field.meta.ask('forget', null);
  const before = await field.costs();
  const input: CeilingInput = {
    backend: field.redis === undefined ? { postgresql: field.database } : { redis: field.redis.url },
    graphUrl: field.graphUrl,
    token: CEILING.token,
    numbers: CEILINGS.map(({ id = '' }) => id),
    firstPhone,
    count,
    concurrency: Number(given.concurrency),
    perAdd: Number(given.batch),
  };
  const began = await ceiling.ask<number>('run', input);
  const tally = await field.untilAccepted(count);
  return {
    perSecond: (tally.accepted / (tally.lastAt - began)) * 1_000,
    tally,
    costs: difference(await field.costs(), before),
  };
}

function report(name: string, { perSecond, tally, costs }: Outcome, count: number): void {
  const each = (ms: number): string => `${show((ms / count) * 1_000)} µs`;
  say(`  ${name.padEnd(20)} ${show(perSecond).padStart(7)} messages/s accepted`);
  say(
    `    lost ${count - tally.distinct}, doubled ${tally.accepted - tally.distinct}; CPU per message: Patchbay ${each(costs.patchbay)}, ` +
      `PostgreSQL ${each(costs.postgres)}, Redis ${each(costs.redis)}, simulator ${each(costs.meta)}`,
  );
}

function difference(after: Costs, before: Costs): Costs {
  return {
    patchbay: after.patchbay - before.patchbay,
    postgres: after.postgres - before.postgres,
    redis: after.redis - before.redis,
    meta: after.meta - before.meta,
  };
}

function numbers(prefix: string, count: number): PhoneNumberInput[] {
  return Array.from({ length: count }, (_, place) => ({
    id: `${prefix}${String(place).padStart(4, '0')}`,
    display_phone_number: `+1 555-${prefix.slice(0, 3)}-${String(place).padStart(4, '0')}`,
    throughput: { level: given.level },
  }));
}

/** Seen by the ceiling's token alone: the gateway must not find these numbers. */
function ceilingWorld(url: string): WorldInput {
  const { appId, token, userId, businessId, wabaId } = CEILING;
  return {
    apps: [{ id: appId, secret: 'ceiling', callback: { url, verifyToken: 'ceiling', fields: ['messages'] } }],
    businesses: [{ id: businessId }],
    users: [{ id: userId }],
    tokens: [{ token, appId, userId }],
    wabas: [
      {
        id: wabaId,
        assignedTo: [userId],
        ownedBy: businessId,
        subscribedApps: [{ appId }],
        phoneNumbers: CEILINGS,
        templates: [PROMO],
      },
    ],
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
