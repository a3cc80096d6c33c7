import { randomUUID } from 'node:crypto';
import type { Simulator } from '../../src/simulator/simulator.js';
import type { BotCall, BotReply, TestBot } from './bot.js';
import { type CallOptions, type Patchbay, eventually } from './patchbay.js';
import { WORLD } from './stage.js';

/** Gauges may be this old: what is empty must have been so for longer. */
const GAUGES_REST_MS = 1_500;

/** Something that is to reach a customer exactly once. */
interface Expected {
  readonly text: string;
  readonly phone: string;
}

export interface Audit {
  /** customer messages that no bot heard, and replies or API messages that reached nobody */
  readonly lost: readonly string[];
  /** what reached a customer more than once, and customer messages that became more than one event */
  readonly doubled: readonly string[];
  /** customers whose messages reached the bot, or whose replies reached them, in another order than they were written */
  readonly misordered: readonly string[];
}

const REPLY = 're: ';
/** A client that gives up waiting asks again with the same key: that is what the key is for. */
const CLIENT_TIMEOUT_MS = 10_000;
const CLIENT_PAUSE_MS = 250;
const CLIENT_GIVES_UP_MS = 120_000;

/**
 * Keeps the books of a run: what the customers wrote, what the bot heard, what applications were promised by a 202, and what
 * reached the customers. The simulator's own record is the judge: it alone knows what was taken.
 */
export class Ledger {
  /** texts in the order in which they were written, by phone */
  private readonly written = new Map<string, string[]>();
  private readonly promised: Expected[] = [];
  private serial = 0;

  constructor(
    private readonly sim: Simulator,
    private readonly bot: TestBot,
  ) {
    bot.answer = (call) => this.reply(call);
  }

  /** What the bot says instead of its reply; undefined = the reply. For bots that are ill for a while. */
  illness: (call: BotCall) => BotReply | undefined = () => undefined;

  get size(): { written: number; promised: number } {
    return { written: [...this.written.values()].flat().length, promised: this.promised.length };
  }

  /** A customer writes; the simulator repeats the webhook until it gets its 200. */
  write(phone: string): { text: string; wamid: string } {
    this.serial += 1;
    const text = `${phone} #${this.serial}`;
    const own = this.written.get(phone) ?? [];
    this.written.set(phone, own);
    own.push(text);
    return { text, wamid: this.sim.customer(phone).write(WORLD.phoneNumberId, text) };
  }

  /** Writes and waits for the webhook's 200: the next message of this customer can then not overtake it. */
  async writeInOrder(phone: string, withinMs = 60_000): Promise<string> {
    const { text, wamid } = this.write(phone);
    const mark = wamid.replaceAll('/', '\\/'); // as Meta writes it
    await this.sim.until(
      () => this.sim.webhooks.findLast(({ status, body }) => status === 200 && body.includes(mark)) !== undefined,
      withinMs,
    );
    return text;
  }

  /** An application sends, and asks again with the same key until it has its 202. Resolves with our message id. */
  async send(patchbay: () => Patchbay, phone: string, body: object = {}): Promise<string> {
    this.serial += 1;
    const text = `api ${phone} #${this.serial}`;
    const key = randomUUID();
    const message = { gateway: 'acme', to: `+${phone}`, content: { type: 'text', text }, ...body };
    const id = await this.insist(patchbay, { body: message, headers: { 'Idempotency-Key': key } });
    this.promised.push({ text, phone });
    return id;
  }

  private async insist(patchbay: () => Patchbay, options: CallOptions): Promise<string> {
    const deadline = Date.now() + CLIENT_GIVES_UP_MS;
    let last = 'nothing was asked';
    while (Date.now() < deadline) {
      try {
        const answer = await patchbay().call('POST', '/messages', options, CLIENT_TIMEOUT_MS);
        if (answer.status === 202) return answer.body['id'] as string;
        last = `${answer.status} ${answer.text}`;
        if (answer.status < 500 && answer.body['code'] !== 'idempotency.in_progress') break;
      } catch (error) {
        last = String(error);
      }
      await new Promise((resolve) => setTimeout(resolve, CLIENT_PAUSE_MS));
    }
    throw new Error(`an application did not get its 202, but ${last}`);
  }

  audit(): Audit {
    const lost: string[] = [];
    const doubled: string[] = [];
    const misordered: string[] = [];
    const heard = this.heard();
    for (const [phone, texts] of this.written) {
      for (const text of texts) {
        const events = heard.ids.get(text)?.size ?? 0;
        if (events === 0) lost.push(`the bot never heard "${text}"`);
        if (events > 1) doubled.push(`"${text}" became ${events} events`);
      }
      const atBot = heard.order.filter((text) => texts.includes(text));
      if (!isOrdered(atBot, texts)) misordered.push(`at the bot: ${atBot.join(' | ')}`);
      const replies = this.received(phone).filter((text) => text.startsWith(REPLY));
      const wanted = texts.map((text) => REPLY + text);
      if (!isOrdered([...new Set(replies)], wanted)) misordered.push(`at the customer: ${replies.join(' | ')}`);
    }
    for (const { text, phone } of this.expected()) {
      const count = this.received(phone).filter((one) => one === text).length;
      if (count === 0) lost.push(`"${text}" never reached ${phone}`);
      if (count > 1) doubled.push(`"${text}" reached ${phone} ${count} times`);
    }
    return { lost, doubled, misordered };
  }

  /** Resolves when nothing is missing and nothing waits any more anywhere; only then can nothing be doubled any more. */
  async settled(patchbay: () => Patchbay, withinMs = 45_000): Promise<Audit> {
    let emptySinceMs: number | undefined;
    const open = async (): Promise<string[]> => {
      const { lost } = this.audit();
      if (lost.length > 0) return [...lost];
      const depths = await queueDepths(patchbay());
      const waiting = Object.entries(depths).flatMap(([queue, depth]) =>
        depth > 0 && queue !== 'unhandled' ? [`${queue}: ${depth}`] : [],
      );
      if (waiting.length > 0) emptySinceMs = undefined;
      else emptySinceMs ??= performance.now();
      const isOld = emptySinceMs !== undefined && performance.now() - emptySinceMs > GAUGES_REST_MS;
      return waiting.length > 0 || isOld ? waiting : ['the queues were empty a moment ago'];
    };
    let last: string[] = [];
    await eventually('everything to arrive', async () => (last = await open()).length === 0, withinMs).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}; ${last.length} open: ${last.slice(0, 10).join('; ')}`);
      },
    );
    await this.sim.idle();
    return this.audit();
  }

  private expected(): Expected[] {
    const replies = [...this.written].flatMap(([phone, texts]) => texts.map((text) => ({ text: REPLY + text, phone })));
    return [...replies, ...this.promised];
  }

  private received(phone: string): string[] {
    return this.sim.customer(phone).received.map(({ text }) => text ?? '');
  }

  /** What the bot took (others it was told, but answered with an error), by text. */
  private heard(): { ids: Map<string, Set<string>>; order: string[] } {
    const ids = new Map<string, Set<string>>();
    const order: string[] = [];
    for (const { type, id, message } of this.bot.events) {
      if (type !== 'message.received' || message?.text === undefined) continue;
      if (!ids.has(message.text)) order.push(message.text);
      ids.set(message.text, (ids.get(message.text) ?? new Set()).add(id));
    }
    return { ids, order };
  }

  private reply(call: BotCall): BotReply | undefined {
    const ill = this.illness(call);
    if (ill) return ill;
    const { type, message } = call.event;
    return type === 'message.received'
      ? { body: { replies: [{ type: 'text', text: REPLY + (message?.text ?? '') }] } }
      : undefined;
  }
}

/** `patchbay_queue_depth` by queue. */
export async function queueDepths(patchbay: Patchbay): Promise<Record<string, number>> {
  return labelled(await metricsOf(patchbay), 'patchbay_queue_depth', 'queue');
}

/** `patchbay_outcomes_unknown_total` of this process, by what was done. */
export async function unknownOutcomes(patchbay: Patchbay): Promise<{ resent: number; failed: number }> {
  return { resent: 0, failed: 0, ...labelled(await metricsOf(patchbay), 'patchbay_outcomes_unknown_total', 'action') };
}

async function metricsOf(patchbay: Patchbay): Promise<string> {
  const { status, text } = await patchbay.call('GET', '//metrics', { key: null });
  if (status !== 200) throw new Error(`/metrics answered ${status}`);
  return text;
}

function labelled(metrics: string, name: string, label: string): Record<string, number> {
  const pattern = new RegExp(`^${name}\\{[^}]*${label}="([^"]+)"[^}]*\\} (\\S+)$`, 'gm');
  return Object.fromEntries([...metrics.matchAll(pattern)].map(([, key, value]) => [key, Number(value)]));
}

function isOrdered(seen: readonly string[], wanted: readonly string[]): boolean {
  const places = seen.map((text) => wanted.indexOf(text));
  return places.every((place, index) => index === 0 || place > (places[index - 1] ?? -1));
}
