import type { Customer, CustomerMessage, CustomerProfile } from '../../src/simulator/simulator.js';
import type { BotCall, BotEvent, BotReply } from './bot.js';
import { type Answer, HANGS_AFTER_MS, eventually } from './patchbay.js';
import { type Stage, type StageOptions, WORLD, engage, openStage } from './stage.js';

/** The second number of the business, beside the one of the default world. */
export const SECOND_NUMBER = { id: '106540352249999', display: '15550789999', phone: '+1 555-078-9999' } as const;

/** The default world with the second number. */
export const TWO_NUMBERS = {
  wabas: [
    {
      id: WORLD.wabaId,
      phoneNumbers: [{ id: SECOND_NUMBER.id, display_phone_number: SECOND_NUMBER.phone, verified_name: 'Acme Sales' }],
    },
  ],
};

/** A message as `GET /messages/:id` shows it. */
export interface MessageView {
  readonly id: string;
  readonly direction: string;
  readonly status: string;
  readonly dialog: string;
  readonly contact: string;
  readonly providerId?: string;
  readonly text: string;
  readonly content: { readonly type: string; readonly [key: string]: unknown };
  readonly replyTo?: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly timeline: readonly { readonly status: string; readonly at: string; readonly [key: string]: unknown }[];
  readonly attempts: readonly {
    readonly id: string;
    readonly part: string;
    readonly status: string;
    readonly providerId?: string;
    readonly error?: { readonly code: number };
  }[];
  readonly error?: {
    readonly code: string;
    readonly title: string;
    readonly detail: string;
    readonly retryable: boolean;
    readonly provider?: { readonly code: number; readonly traceId?: string };
  };
  readonly held?: { readonly reason: string; readonly detail: string; readonly until?: string };
  readonly [key: string]: unknown;
}

export interface ListView<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface ProblemView {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
}

/**
 * A stage with an engaged gateway, for tests that share it: each one takes customers of its own and answers for them alone, so
 * that none can disturb another.
 */
export class Scene {
  private readonly answers = new Map<string, (call: BotCall) => BotReply | undefined>();
  private phones = 0;

  private constructor(
    readonly stage: Stage,
    readonly gateway: Record<string, unknown>,
  ) {
    stage.bot.answer = (call) => this.answers.get(call.event.contact.phone ?? call.event.contact.userId ?? '')?.(call);
  }

  static async open(options: StageOptions = {}, gateway: { bot?: object; metadata?: object } = {}): Promise<Scene> {
    return Scene.on(await openStage(options), (stage) => engage(stage, gateway));
  }

  /** A scene whose gateway is another one than that of the default world; `prepare` makes it and gives back what was answered. */
  static async on(stage: Stage, prepare: (stage: Stage) => Promise<Record<string, unknown>>): Promise<Scene> {
    try {
      return new Scene(stage, await prepare(stage));
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.stage.close();
  }

  /** Somebody whom no other test knows. */
  customer(profile: Omit<CustomerProfile, 'phone'> = {}): Customer & { readonly phone: string } {
    const customer = this.stage.sim.customer(this.newPhone(), profile);
    return customer as Customer & { readonly phone: string };
  }

  newPhone(): string {
    this.phones += 1;
    return `1650555${String(1_000 + this.phones)}`;
  }

  /** What the bot says to everything it hears of this customer. */
  answerTo(
    customer: { phone?: string | undefined; userId?: string | undefined },
    answer: (call: BotCall) => BotReply | undefined,
  ): void {
    this.answers.set(customer.phone === undefined ? (customer.userId ?? '') : `+${customer.phone}`, answer);
  }

  /** The customer writes; resolves with what the bot hears of it. */
  async write(
    customer: Customer,
    message: CustomerMessage | string,
    number: string = WORLD.phoneNumberId,
  ): Promise<BotEvent> {
    const wamid = customer.write(number, message);
    return (await this.hear(wamid)).event;
  }

  /** The bot's call about the customer's message with this wamid. */
  hear(wamid: string): Promise<BotCall> {
    return this.stage.bot.waitFor(({ type, message }) => type === 'message.received' && message?.providerId === wamid);
  }

  /** `POST /messages` on the gateway of the scene. */
  post<T = MessageView>(body: object, headers: Record<string, string> = {}): Promise<Answer<T>> {
    return this.stage.patchbay.call<T>('POST', '/messages', { body: { gateway: this.stage.uri, ...body }, headers });
  }

  /** A text to a phone, taken with 202. */
  async send(phone: string, text: string, more: object = {}): Promise<MessageView> {
    const answer = await this.post({ to: `+${phone}`, content: { type: 'text', text }, ...more });
    if (answer.status !== 202) throw new Error(`the message was not taken: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  async message(id: string): Promise<MessageView> {
    const { status, text, body } = await this.stage.patchbay.call<MessageView>('GET', `/messages/${id}`);
    if (status !== 200) throw new Error(`GET /messages/${id}: ${status} ${text}`);
    return body;
  }

  /** The message once it is as wanted: has the status, or fits. */
  async until(
    id: string,
    wanted: string | ((message: MessageView) => boolean),
    withinMs = HANGS_AFTER_MS,
  ): Promise<MessageView> {
    const fits = typeof wanted === 'string' ? ({ status }: MessageView) => status === wanted : wanted;
    let last: MessageView | undefined;
    try {
      return await eventually(
        'that',
        async () => {
          last = await this.message(id);
          return fits(last) && last;
        },
        withinMs,
      );
    } catch {
      const wish = typeof wanted === 'string' ? wanted : wanted.toString();
      throw new Error(`the message did not become ${wish} within ${withinMs} ms: ${JSON.stringify(last)}`);
    }
  }

  get<T = Record<string, unknown>>(path: string): Promise<Answer<T>> {
    return this.stage.patchbay.call<T>('GET', path);
  }

  /** The messages of a dialog, oldest first. */
  async history(dialog: string): Promise<readonly MessageView[]> {
    const { body } = await this.get<ListView<MessageView>>(`/dialogs/${dialog}/messages?limit=100`);
    return body.items.toReversed();
  }

  /** What asks for attention, newest first. */
  async attention<T = Record<string, unknown>>(state: 'unhandled' | 'parked'): Promise<readonly T[]> {
    return (await this.get<ListView<T>>(`/events?state=${state}&limit=100`)).body.items;
  }
}

/** The statuses of a timeline, in order. */
export function statusesOf({ timeline }: MessageView): string[] {
  return timeline.map(({ status }) => status);
}
