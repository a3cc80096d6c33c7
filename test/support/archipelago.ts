import type { MessageClass } from '../../src/contract/index.js';
import {
  type Customer,
  DEFAULT_WORLD as WORLD,
  type Simulator,
  startSimulator,
} from '../../src/simulator/simulator.js';
import { type ClockedApp, startClockedApp } from './clocked-app.js';
import { eventually, freePort } from './patchbay.js';
import type { ListView, MessageView } from './scene.js';

export type { MessageClass, MessageView };

interface DialogView {
  readonly contact: { readonly phone: string };
  readonly window: { readonly state: string };
}

export interface Person extends Customer {
  readonly phone: string;
}

const TEMPLATES = {
  authentication: { type: 'template', name: 'code', language: 'en_US', params: { body: ['123456'] } },
  utility: { type: 'template', name: 'info', language: 'en_US' },
  marketing: { type: 'template', name: 'promo', language: 'en_US' },
} as const;

export function contentOf(messageClass: MessageClass, template?: string): object {
  if (messageClass === 'reply') return { type: 'text', text: 'hello' };
  const content = TEMPLATES[messageClass];
  return template === undefined ? content : { ...content, name: template };
}

/**
 * Many businesses that have nothing in common but the app: each with a token, a WhatsApp Business Account and two numbers of its
 * own, and a gateway of its own on one Patchbay. What happens to one must not be felt by another.
 */
export class Archipelago {
  private count = 0;
  private people = 0;

  private constructor(
    readonly sim: Simulator,
    readonly app: ClockedApp,
  ) {}

  static async open(): Promise<Archipelago> {
    const port = await freePort();
    const sim = await startSimulator({ seed: 1, webhookUrl: `http://127.0.0.1:${port}/meta/${WORLD.appId}` });
    return new Archipelago(sim, await startClockedApp(port, { GRAPH_URL: sim.url }));
  }

  async close(): Promise<void> {
    await this.app.stop();
    await this.sim.close();
  }

  person(): Person {
    this.people += 1;
    return this.sim.customer(`1650${String(5_550_000 + this.people)}`) as Person;
  }

  async island(templates: readonly string[] = []): Promise<Island> {
    this.count += 1;
    const ordinal = this.count;
    const [uri, user, waba] = [`island-${ordinal}`, `1220940000${ordinal}`, `20000${ordinal}`];
    const numbers = ['1', '2'].map((which) => `30000${ordinal}${which}`) as [string, string];
    const body = (text: string) => [{ type: 'BODY', text }];
    this.sim.world.merge({
      users: [{ id: user }],
      tokens: [{ token: tokenOf(uri, 1), userId: user }],
      wabas: [
        {
          id: waba,
          assignedTo: [user],
          ownedBy: null,
          phoneNumbers: numbers.map((id) => ({ id, display_phone_number: `+1 555-${id}` })),
          templates: [
            { name: 'code', category: 'AUTHENTICATION', components: body('Code {{1}}') },
            ...['info', ...templates].map((name) => ({ name, components: body('It is so') })),
            { name: 'promo', category: 'MARKETING', components: body('Buy!') },
          ],
        },
      ],
    });
    const metadata = { whatsapp_token: tokenOf(uri, 1), client_id: WORLD.appId, client_secret: WORLD.appSecret };
    const answers = [
      await this.app.call('POST', '/gateways', { name: uri, uri, type: 'messenger', metadata }),
      await this.app.call('GET', `//chat/${uri}?whatsapp=setup`),
      await this.app.call('GET', `//chat/${uri}?whatsapp=subscribe`),
    ];
    const failed = answers.find(({ status }) => status >= 300);
    if (failed) throw new Error(`no island: ${failed.status} ${failed.text}`);
    await this.untilTemplatesAreRead(waba);
    return new Island(this, uri, user, waba, numbers);
  }

  /** The first reading, and the one that subscribing asks for: until then no template is known, or its news may be overtaken. */
  private async untilTemplatesAreRead(waba: string): Promise<void> {
    await eventually(`the templates of ${waba} are read`, async () => {
      const [row] = await this.app.database.query<{ is_read: boolean }>(
        `SELECT s.synced_at IS NOT NULL AND s.running_until IS NULL AND s.due_at > $2 AS is_read
         FROM template_sync s JOIN account_group g ON g.id = s.group_id WHERE g.address = $1`,
        [waba, this.app.clock.now()],
      );
      return row?.is_read;
    });
  }
}

export class Island {
  private tokens = 1;

  constructor(
    private readonly world: Archipelago,
    readonly uri: string,
    private readonly user: string,
    /** its WhatsApp Business Account */
    readonly business: string,
    /** its phone number ids */
    readonly numbers: readonly [string, string],
  ) {}

  /** The windows of these people are open, and we know it. */
  async hear(people: readonly Person[], number: string): Promise<void> {
    for (const person of people) person.write(number, 'hi');
    await eventually('the messages of customers', async () => {
      const { body } = await this.world.app.call<ListView<DialogView>>('GET', `/dialogs?gateway=${this.uri}&limit=100`);
      const open = body.items.flatMap(({ contact, window }) => (window.state === 'open' ? [contact.phone] : []));
      return people.every(({ phone }) => open.includes(`+${phone}`));
    });
  }

  async send(body: { to: Person; content: object; account?: string; fallback?: object }): Promise<MessageView> {
    const {
      status,
      text,
      body: taken,
    } = await this.world.app.call<MessageView>('POST', '/messages', this.bodyOf(body));
    if (status !== 202) throw new Error(`${this.uri}: the message was not taken: ${status} ${text}`);
    return taken;
  }

  private bodyOf(body: { to: Person; content: object }): object {
    return {
      gateway: this.uri,
      account: this.numbers[0],
      // The hours that pass are not to be what ends a message.
      expiresAt: new Date(this.world.app.clock.now().getTime() + WEEK_MS).toISOString(),
      ...body,
      to: `+${body.to.phone}`,
    };
  }

  /** Many at once, with one request: their ids. */
  async sendAll(messages: readonly { to: Person; content: object }[]): Promise<readonly string[]> {
    const { status, text, body } = await this.world.app.call<{ items: { id?: string }[] }>('POST', '/messages/batch', {
      messages: messages.map((message) => this.bodyOf(message)),
    });
    const ids = status === 202 ? body.items.flatMap(({ id }) => id ?? []) : [];
    if (ids.length < messages.length) throw new Error(`${this.uri}: not all were taken: ${status} ${text}`);
    return ids;
  }

  /** All of this gateway's messages. */
  async messages(): Promise<readonly MessageView[]> {
    const all: MessageView[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: ListView<MessageView> = (
        await this.world.app.call<ListView<MessageView>>(
          'GET',
          `/messages?gateway=${this.uri}&limit=100${cursor && `&cursor=${cursor}`}`,
        )
      ).body;
      all.push(...page.items);
      cursor = page.next;
    }
    return all;
  }

  async message(id: string): Promise<MessageView> {
    return (await this.world.app.call<MessageView>('GET', `/messages/${id}`)).body;
  }

  async until(id: string, what: string, fits: (message: MessageView) => boolean, ms?: number): Promise<MessageView> {
    let last: MessageView | undefined;
    return eventually(
      what,
      async () => {
        last = await this.message(id);
        return fits(last) && last;
      },
      ms,
    ).catch(() => {
      throw new Error(`${this.uri}: expected ${what} of ${JSON.stringify(last)}`);
    });
  }

  /** What Meta lists of a template from now on, without telling anybody. */
  listTemplate(name: string, status: 'APPROVED' | 'PAUSED'): void {
    const template = this.world.sim.world.waba(this.business).templates.get(`${name}/en_US`);
    if (!template) throw new Error(`${this.uri} has no template ${name}`);
    template.status = status;
  }

  /** Somebody mends the token. */
  async newToken(): Promise<void> {
    this.tokens += 1;
    const token = tokenOf(this.uri, this.tokens);
    this.world.sim.world.merge({ tokens: [{ token, userId: this.user }] });
    const answer = await this.world.app.call('PATCH', `/gateways/${this.uri}`, { metadata: { whatsapp_token: token } });
    if (answer.status !== 200) throw new Error(`${this.uri}: no new token: ${answer.text}`);
  }

  async status(): Promise<unknown> {
    return (await this.world.app.call('GET', `/gateways/${this.uri}`)).body['status'];
  }
}

const WEEK_MS = 7 * 24 * 60 * 60_000;

function tokenOf(uri: string, ordinal: number): string {
  return `EAA${uri.replace('-', '')}Token${ordinal}`;
}
