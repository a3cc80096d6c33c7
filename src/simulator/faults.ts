import type { CallFault, Fault, FaultInput, FaultMatch, MessageStatus, WebhookFault } from './fault.types.js';
import { digitsOf } from './phone.js';
import type { Clock } from './clock.js';
import type { Random } from './random.js';

/** What a fault can see of a Graph call. */
export interface CallFacts {
  method: string;
  path: string;
  body: { to?: unknown; recipient?: unknown };
}

/** What a fault can see of a webhook. */
export interface UpdateFacts {
  field: string;
  kind: 'message' | 'status' | 'other';
  to?: string | undefined;
  status?: MessageStatus | undefined;
}

const CALL_KEYS: ReadonlySet<string> = new Set<keyof CallFault>([
  'status',
  'error',
  'bodyless',
  'delayMs',
  'withholdAnswer',
  'drop',
  'statusError',
  'withholdStatuses',
  'delayStatusesMs',
  'readWithoutDelivered',
  'statusBeforeAnswer',
]);
const WEBHOOK_KEYS: ReadonlySet<string> = new Set<keyof WebhookFault>(['duplicate', 'reorder', 'batch', 'withinMs']);
const MATCH_KEYS: Readonly<Record<keyof FaultMatch, 'call' | 'webhook' | 'both'>> = {
  method: 'call',
  path: 'call',
  pathPattern: 'call',
  to: 'both',
  field: 'webhook',
  update: 'webhook',
  status: 'webhook',
  nth: 'both',
  every: 'both',
  times: 'both',
  forMs: 'both',
  probability: 'both',
};
const NO_FAULT: Readonly<Record<string, never>> = Object.freeze({});

class Rule implements Fault {
  hits = 0;
  private seen = 0;
  private readonly addedAtMs: number;
  private readonly pattern: RegExp | undefined;

  constructor(
    readonly id: number,
    readonly match: FaultMatch,
    readonly kind: 'call' | 'webhook',
    readonly effect: CallFault | WebhookFault,
    private readonly random: Random,
    private readonly clock: Clock,
    private readonly onRemove: (rule: Rule) => void,
  ) {
    this.addedAtMs = clock.nowMs();
    const pattern = match.path instanceof RegExp ? match.path.source : match.pathPattern;
    const flags = match.path instanceof RegExp && match.path.ignoreCase ? 'i' : '';
    this.pattern = pattern === undefined ? undefined : new RegExp(pattern, flags);
  }

  get do(): CallFault | WebhookFault {
    return this.effect;
  }

  remove(): void {
    this.onRemove(this);
  }

  toJSON(): object {
    const { path, ...match } = this.match;
    return { id: this.id, hits: this.hits, match: { ...match, ...(path ? { path: String(path) } : {}) }, do: this.do };
  }

  meetsCall(call: CallFacts): boolean {
    const { method, path, to } = this.match;
    if (method !== undefined && method.toUpperCase() !== call.method) {
      return false;
    }
    if (typeof path === 'string' && !call.path.endsWith(path)) {
      return false;
    }
    if (this.pattern !== undefined && !this.pattern.test(call.path)) {
      return false;
    }
    if (to !== undefined && !isSameCustomer(to, call.body.to) && !isSameCustomer(to, call.body.recipient)) {
      return false;
    }
    return this.strikes();
  }

  meetsUpdate(update: UpdateFacts): boolean {
    const { field, to, status } = this.match;
    if (field !== undefined && field !== update.field) {
      return false;
    }
    if (this.match.update !== undefined && this.match.update !== update.kind) {
      return false;
    }
    if (status !== undefined && status !== update.status) {
      return false;
    }
    if (to !== undefined && !isSameCustomer(to, update.to)) {
      return false;
    }
    return this.strikes();
  }

  /** Counts one that fits and decides whether this one is struck. */
  private strikes(): boolean {
    const { nth, every, times, forMs, probability } = this.match;
    if (forMs !== undefined && this.clock.nowMs() - this.addedAtMs >= forMs) {
      return false;
    }
    this.seen += 1;
    if (times !== undefined && this.hits >= times) {
      return false;
    }
    if (nth !== undefined && this.seen !== nth) {
      return false;
    }
    if (every !== undefined && this.seen % every !== 0) {
      return false;
    }
    if (probability !== undefined && this.random.next() >= probability) {
      return false;
    }
    this.hits += 1;
    return true;
  }
}

/**
 * The script of what goes wrong. Each fault throws its own dice, seeded by its place in the script, so that adding one
 * does not change when another strikes. Where several strike the same call, the first one to say a thing wins.
 */
export class Faults {
  private rules: Rule[] = [];
  private added = 0;

  constructor(
    private readonly random: Random,
    private readonly clock: Clock,
  ) {}

  /** @throws Error when the fault names something that does not exist: a fault that silently never strikes hides bugs. */
  add(input: FaultInput): Fault {
    const kind = kindOf(input);
    const match = { ...input.match };
    this.added += 1;
    const random = this.random.fork(`fault ${this.added}`);
    const rule = new Rule(this.added, match, kind, input.do, random, this.clock, (removed) => {
      this.rules = this.rules.filter((other) => other !== removed);
    });
    this.rules.push(rule);
    return rule;
  }

  list(): readonly Fault[] {
    return this.rules;
  }

  /** Ends all faults. Statuses they kept back stay back until they are released. */
  clear(): void {
    this.rules = [];
    this.added = 0;
  }

  forCall(call: CallFacts): CallFault {
    let plan: CallFault = NO_FAULT;
    for (const rule of this.rules) {
      if (rule.kind === 'call' && rule.meetsCall(call)) {
        plan = { ...(rule.effect as CallFault), ...plan };
      }
    }
    return plan;
  }

  forUpdate(update: UpdateFacts): WebhookFault {
    let plan: WebhookFault = NO_FAULT;
    for (const rule of this.rules) {
      if (rule.kind === 'webhook' && rule.meetsUpdate(update)) {
        plan = { ...(rule.effect as WebhookFault), ...plan };
      }
    }
    return plan;
  }
}

function kindOf(input: FaultInput): 'call' | 'webhook' {
  const does = Object.keys(input.do ?? {});
  const kind = does.some((key) => WEBHOOK_KEYS.has(key)) ? 'webhook' : 'call';
  const unknown = does.filter((key) => !(kind === 'webhook' ? WEBHOOK_KEYS : CALL_KEYS).has(key));
  if (does.length === 0 || unknown.length > 0) {
    const allowed = [...CALL_KEYS].join(', ');
    throw new Error(
      `a fault does one or more of: ${allowed}; or, to webhooks: ${[...WEBHOOK_KEYS].join(', ')}` +
        (unknown.length > 0 ? `; not ${unknown.join(', ')}` : ''),
    );
  }
  for (const key of Object.keys(input.match ?? {})) {
    const applies = (MATCH_KEYS as Record<string, 'call' | 'webhook' | 'both' | undefined>)[key];
    if (applies !== 'both' && applies !== kind) {
      throw new Error(`a fault of a ${kind} cannot match by ${key}`);
    }
  }
  return kind;
}

function isSameCustomer(wanted: string, given: unknown): boolean {
  if (typeof given !== 'string') {
    return false;
  }
  return wanted === given || (digitsOf(wanted) !== '' && !wanted.includes('.') && digitsOf(wanted) === digitsOf(given));
}
