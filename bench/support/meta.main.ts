import {
  type LimitReport,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../src/simulator/simulator.js';
import type { NumberChange, WorldInput } from '../../src/simulator/simulator.js';
import { serve } from './serve.js';

/** The simulated Meta in a process of its own. What it accepted is the judge: everything is counted here and nowhere else. */

export interface Tally {
  /** messages that were accepted */
  readonly accepted: number;
  /** different ones: a person gets each template once */
  readonly distinct: number;
  readonly firstAt: number;
  readonly lastAt: number;
  /** processor time of this process so far, in ms */
  readonly cpuMs: number;
}

export interface WriteInput {
  readonly number: string;
  /** the first customer's phone in digits; each next one writes from the next */
  readonly from: number;
  readonly customers: number;
  readonly count: number;
  readonly perSecond: number;
  readonly text: string;
}

/** Between two looks at the record at most this many may be accepted. */
const RECORD = 8_000;
const LOOK_EVERY_MS = 20;

let isStopped = false;
let sim: Simulator | undefined;
let seen = 0;
let times: number[] = [];
let first = new Map<string, number>();

function meta(): Simulator {
  if (sim === undefined) throw new Error('the simulator was not opened');
  return sim;
}

async function open(options: SimulatorOptions): Promise<string> {
  sim = await startSimulator({ seed: 1, window: 'open', record: RECORD, statusBatch: 50, ...options });
  setInterval(collect, LOOK_EVERY_MS);
  return sim.url;
}

function collect(): void {
  const { counts, sent } = meta();
  const fresh = counts.sent - seen;
  if (fresh > sent.length) throw new Error(`${fresh} messages came between two looks, more than the record holds`);
  seen = counts.sent;
  for (const { at, phone, template } of sent.slice(sent.length - fresh)) {
    times.push(at);
    const key = keyOf(Number(phone), template);
    if (!first.has(key)) first.set(key, at);
  }
}

function keyOf(phone: number, template: string | undefined): string {
  return `${phone} ${template ?? ''}`;
}

function tally(): Tally {
  collect();
  const { user, system } = process.cpuUsage();
  return {
    accepted: times.length,
    distinct: first.size,
    firstAt: times[0] ?? 0,
    lastAt: times.at(-1) ?? 0,
    cpuMs: (user + system) / 1_000,
  };
}

/** Forgets what was accepted so far, and how the limits were kept. */
function forget(): void {
  collect();
  times = [];
  first = new Map();
  meta().limits.clear();
}

/** When each was accepted, 0 = not yet. Without a template: free text. */
function acceptedAt({ phones, template }: { phones: readonly number[]; template?: string }): number[] {
  collect();
  return phones.map((phone) => first.get(keyOf(phone, template)) ?? 0);
}

function acceptedBetween({ from, to }: { from: number; to: number }): number {
  collect();
  return times.filter((at) => at >= from && at < to).length;
}

/** Customers write at an even pace, until there is enough or it is stopped. Gives back when each message was written. */
async function write({ number, from, customers, count, perSecond, text }: WriteInput): Promise<number[]> {
  isStopped = false;
  const began = performance.now();
  const written: number[] = [];
  while (written.length < count && !isStopped) {
    const due = Math.min(count, Math.floor(((performance.now() - began) * perSecond) / 1_000) + 1);
    for (; written.length < due; written.push(Date.now())) {
      meta()
        .customer(String(from + (written.length % customers)))
        .write(number, text);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return written;
}

function stopWriting(): void {
  isStopped = true;
}

function limits(): LimitReport {
  return meta().limits.report();
}

function merge(world: WorldInput): void {
  meta().world.merge(world);
}

function change({ number, ...changes }: NumberChange & { number: string }): void {
  meta().changeNumber(number, changes);
}

serve({ open, tally, forget, acceptedAt, acceptedBetween, write, stopWriting, limits, merge, change });
