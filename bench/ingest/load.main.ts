import { type Quantiles, quantiles, sleep } from '../support/numbers.js';
import { serve } from '../support/serve.js';
import { Lane, requestHead } from './lane.js';
import { type Mix, Updates, type World, sign, textWebhook } from './webhooks.js';

/** The load generator, in a process of its own. */

interface Target {
  readonly port: number;
  readonly path: string;
  readonly world: World;
}

export interface FloodInput extends Target {
  readonly connections: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly run: string;
  readonly customers: number;
  /** requests that are made and signed before the clock starts; more are made on the way */
  readonly prepared: number;
}

export interface FloodResult {
  readonly perSecond: number;
  readonly latencyMs: Quantiles;
  readonly refused: number;
}

/** Every connection sends its next request as soon as the last one is answered. */
async function flood(input: FloodInput): Promise<FloodResult> {
  let made = 0;
  const make = (): Uint8Array => {
    made += 1;
    const body = textWebhook(input.world, `wamid.${input.run}.${made}`, made % input.customers);
    return wrap(input, body);
  };
  const ready = Array.from({ length: input.prepared }, make);
  const latencies: number[] = [];
  let refused = 0;
  const began = performance.now() + input.warmUpSeconds * 1_000;
  const ends = began + input.seconds * 1_000;
  const lanes = Array.from({ length: input.connections }, () => new Lane(input.port));
  await Promise.all(
    lanes.map(async (lane) => {
      for (let now = performance.now(); now < ends;) {
        const status = await lane.send(ready.pop() ?? make());
        const answered = performance.now();
        if (now >= began && answered <= ends) {
          latencies.push(answered - now);
          if (status !== 200) refused += 1;
        }
        now = answered;
      }
      lane.close();
    }),
  );
  return { perSecond: (latencies.length - refused) / input.seconds, latencyMs: quantiles(latencies), refused };
}

export interface PaceInput extends Target, Mix {
  readonly connections: number;
  readonly seconds: number;
  readonly updatesPerSecond: number;
  readonly largestBatch: number;
}

export interface PaceResult {
  readonly posts: number;
  readonly updates: number;
  readonly refused: number;
  /** from when a POST was due, not from when a connection was free for it */
  readonly latencyMs: Quantiles;
  /** how long it took to get all of them answered */
  readonly seconds: number;
}

/** POSTs leave when they are due, whether or not the last ones were answered. */
async function pace(input: PaceInput): Promise<PaceResult> {
  const updates = new Updates(input.world, input);
  const free = Array.from({ length: input.connections }, () => new Lane(input.port));
  const waiting: ((lane: Lane) => void)[] = [];
  const latencies: number[] = [];
  const flying = new Set<Promise<void>>();
  let refused = 0;
  let total = 0;
  const exchange = async (size: number, dueAt: number): Promise<void> => {
    const lane = free.pop() ?? (await new Promise<Lane>((resolve) => waiting.push(resolve)));
    const request = wrap(input, updates.batch(size, performance.timeOrigin + dueAt));
    const status = await lane.send(request);
    latencies.push(performance.now() - dueAt);
    if (status !== 200) refused += 1;
    const next = waiting.shift();
    if (next) next(lane);
    else free.push(lane);
  };
  const began = performance.now();
  const dueFor = (count: number): number => began + (count / input.updatesPerSecond) * 1_000;
  for (let posts = 0; dueFor(total) < began + input.seconds * 1_000; posts += 1) {
    const dueAt = dueFor(total);
    while (performance.now() < dueAt) await sleep(1);
    // 1, 2, … 50 in an order that is the same in every run.
    const size = 1 + ((posts * 17) % input.largestBatch);
    total += size;
    const flight: Promise<void> = exchange(size, dueAt).finally(() => flying.delete(flight));
    flying.add(flight);
  }
  await Promise.all(flying);
  for (const lane of free) lane.close();
  return {
    posts: latencies.length,
    updates: total,
    refused,
    latencyMs: quantiles(latencies),
    seconds: (performance.now() - began) / 1_000,
  };
}

function wrap({ path, port, world }: Target, body: Buffer): Uint8Array {
  return Buffer.concat([Buffer.from(requestHead(path, port, sign(world.appSecret, body), body.length)), body]);
}

serve({ flood, pace });
