import { randomBytes, randomUUID } from 'node:crypto';
import { DEFAULT_WORLD as WORLD, type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { TELEGRAM_BOT, TelegramSimulator } from '../../src/simulator/telegram/simulator.js';
import { type Envelope, OtherSide } from './other-side.js';
import { eventually } from './patchbay.js';

/** What goes wrong with the next message to a person. */
export type Trouble =
  /** the network refuses for a moment, in its own words */
  | 'busy'
  /** it takes the message, and its answer is lost */
  | 'lost';

/** Somebody at a network. */
export interface Inhabitant {
  /** as `to` of a message */
  readonly to: { readonly phone: string } | { readonly userId: string };
  /** the variable `user` */
  readonly user: string;
  /** as the first message says it; absent where the network has to be asked */
  readonly name?: string;
  /** @param times how often the network delivers it */
  write(text: string, times?: number): Promise<void>;
  /** the texts that reached them, oldest first */
  received(): readonly string[];
  /** looks at what came, where the network tells of it only then */
  read?(): void;
  meets(trouble: Trouble): void;
}

/** A network with all that a test needs of it, whatever it is: each channel of the house is tried in its own land. */
export interface Land {
  readonly type: string;
  readonly channel: string;
  /** of the callback commands */
  readonly parameter: string;
  /** address of the account that people write to */
  readonly account: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** what must never be shown */
  readonly secrets: readonly string[];
  /** a webhook that somebody else made up, as far as it can look like one: headers and body */
  readonly forged: { readonly headers: Readonly<Record<string, string>>; readonly body: object };
  /** the network calls back here from now on, where setting up does not tell it by itself */
  callAt(callback: string): void;
  person(): Inhabitant;
  close(): Promise<void>;
}

const CLOUD_FORGED = {
  headers: { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}`, authorization: 'Bearer guessed' },
  body: { object: 'whatsapp_business_account', entry: [] },
};

async function cloud(via: 'messenger' | '360dialog'): Promise<Land> {
  const sim = await startSimulator({ webhookUrl: 'http://127.0.0.1:9/nobody', statuses: { readMs: 5 } });
  const own =
    via === 'messenger'
      ? {
          metadata: {
            whatsapp_token: WORLD.token,
            client_id: WORLD.appId,
            client_secret: WORLD.appSecret,
            graph_url: sim.url,
          },
          secrets: [WORLD.token, WORLD.appSecret],
        }
      : {
          metadata: {
            api_key: WORLD.dialog360Key,
            webhook_secret: 'only-360dialog-knows-this',
            base_url: sim.dialog360Url,
          },
          secrets: [WORLD.dialog360Key],
        };
  let people = 0;
  return {
    type: via,
    channel: 'whatsapp',
    parameter: 'whatsapp',
    account: WORLD.phoneNumberId,
    ...own,
    forged: CLOUD_FORGED,
    callAt(url) {
      const app = sim.world.app(WORLD.appId);
      if (via === 'messenger') Object.assign(app.callback ?? {}, { url });
      else app.callback = undefined;
    },
    person() {
      people += 1;
      return cloudPerson(sim, `1650555${String((via === 'messenger' ? 2_000 : 3_000) + people)}`);
    },
    close: () => sim.close(),
  };
}

function cloudPerson(sim: Simulator, phone: string): Inhabitant {
  const name = `Person ${phone.slice(-4)}`;
  const customer = sim.customer(phone, { name });
  return {
    to: { phone: `+${phone}` },
    user: phone,
    name,
    async write(text, times = 1) {
      if (times > 1)
        sim.faults.add({ match: { to: phone, update: 'message', times: 1 }, do: { duplicate: times - 1 } });
      customer.write(WORLD.phoneNumberId, text);
    },
    received: () => customer.received.map(({ text }) => text ?? ''),
    meets(trouble) {
      const match = { path: '/messages', to: phone, times: 1 };
      sim.faults.add({ match, do: trouble === 'busy' ? { error: { code: 131_016 } } : { drop: 'after' } });
    },
  };
}

const PAGE = '110000000000001';
const INSTAGRAM = '17841400000000001';
const OWNER = 'EAAOwnerOfThePages';
const PAGE_SCOPES = ['pages_show_list', 'pages_messaging', 'pages_manage_metadata', 'business_management'];
const PAGE_FIELDS = {
  page: ['messages', 'message_deliveries', 'message_reads', 'message_echoes'],
  instagram: ['messages', 'messaging_seen'],
} as const;

async function pages(object: 'page' | 'instagram'): Promise<Land> {
  const sim = await startSimulator({ webhookUrl: 'http://127.0.0.1:9/nobody' });
  sim.world.addToken({ token: OWNER, scopes: PAGE_SCOPES });
  sim.pages.add({ id: PAGE, name: 'Acme', instagram: { id: INSTAGRAM, username: 'acme.shop', name: 'Acme' } });
  const isFacebook = object === 'page';
  const account = isFacebook ? PAGE : INSTAGRAM;
  return {
    type: 'messenger',
    channel: isFacebook ? 'facebook' : 'instagram',
    parameter: isFacebook ? 'pages' : 'instagram',
    account,
    metadata: {
      whatsapp_token: WORLD.token,
      facebook_token: OWNER,
      client_id: WORLD.appId,
      client_secret: WORLD.appSecret,
      graph_url: sim.url,
    },
    secrets: [WORLD.token, WORLD.appSecret, OWNER, 'EAAPage'],
    forged: { headers: CLOUD_FORGED.headers, body: { object, entry: [] } },
    callAt: (url) => sim.pages.setCallback(WORLD.appId, object, url, [...PAGE_FIELDS[object]]),
    person() {
      const person = sim.pages.person(account);
      return {
        to: { userId: person.id },
        user: person.id,
        async write(text, times = 1) {
          const mid = person.write(text);
          const item = { ...person.ends(false), message: { mid, text } };
          for (let count = 1; count < times; count += 1)
            await Promise.all(sim.pages.emit(object, account, 'messages', item));
        },
        received: () => person.received.map(({ body }) => String((body['message'] as { text?: unknown }).text)),
        read: () => person.read(),
        meets(trouble) {
          const effect = trouble === 'busy' ? { error: { code: 2 } } : { drop: 'after' as const };
          sim.faults.add({ match: { method: 'POST', path: '/messages', times: 1 }, do: effect });
        },
      };
    },
    close: () => sim.close(),
  };
}

async function telegram(): Promise<Land> {
  const sim = await TelegramSimulator.start();
  return {
    type: 'telegram',
    channel: 'telegram',
    parameter: 'telegram',
    account: String(TELEGRAM_BOT.id),
    metadata: { token: TELEGRAM_BOT.token, api_url: sim.url },
    secrets: [TELEGRAM_BOT.token.split(':')[1] ?? ''],
    forged: { headers: { 'x-telegram-bot-api-secret-token': 'guessed' }, body: { update_id: 1, message: {} } },
    callAt: () => undefined,
    person() {
      const person = sim.person();
      return {
        to: { userId: String(person.id) },
        user: String(person.id),
        name: String(person.user['first_name']),
        async write(text, times = 1) {
          const message = person.write(text);
          for (let count = 1; count < times; count += 1) {
            const came = await eventually('the first delivery', async () =>
              sim.deliveries.find(({ update }) => update['message'] === message),
            );
            sim.repeat(came.update);
          }
        },
        received: () => person.received.map(({ message }) => String(message['text'])),
        meets(trouble) {
          const error = { code: 500, description: 'Internal Server Error' };
          sim.fault({ match: { chat: person.id }, do: trouble === 'busy' ? { error } : { drop: 'after' } });
        },
      };
    },
    close: () => sim.close(),
  };
}

async function custom(): Promise<Land> {
  const other = await OtherSide.start(`whsec_${randomBytes(32).toString('base64')}`);
  let callback = '';
  let people = 0;
  const troubles = new Map<string, Trouble>();
  const taken: Envelope[] = [];
  const tell = async (event: object): Promise<void> => {
    const { body, headers } = other.sign({ account: 'shop', at: new Date().toISOString(), ...event });
    const answer = await fetch(callback, { method: 'POST', body, headers });
    if (answer.status !== 200) throw new Error(`the other side was not heard: ${answer.status} ${await answer.text()}`);
  };
  other.answer = (envelope) => {
    if (envelope.type !== 'message') return {};
    const user = envelope.to.userId ?? '';
    const trouble = troubles.get(user);
    troubles.delete(user);
    if (trouble === 'busy') return { status: 503, body: { error: { code: 'busy', message: 'Not now' } } };
    taken.push(envelope);
    const id = `x-${randomUUID()}`;
    const receipts = async (): Promise<void> => {
      for (const status of ['sent', 'delivered', 'read'])
        await tell({ type: 'status', id, attempt: envelope.attempt, status });
    };
    // Whoever waits for them notices that they do not come; at the end of the tests nobody is there to be told.
    receipts().catch(() => undefined);
    return trouble === 'lost' ? { drop: true } : { body: { id } };
  };
  return {
    type: 'custom',
    channel: 'custom',
    parameter: 'custom',
    account: 'shop',
    metadata: { url: other.url, secret: other.secret, accounts: 'shop=The shop' },
    secrets: [other.secret],
    forged: {
      headers: {
        'webhook-id': 'a',
        'webhook-timestamp': String(Math.floor(Date.now() / 1_000)),
        'webhook-signature': 'v1,AAAA',
      },
      body: { type: 'message' },
    },
    callAt: (url) => void (callback = url),
    person() {
      people += 1;
      const userId = `person-${people}`;
      const name = `Person ${people}`;
      return {
        to: { userId },
        user: userId,
        name,
        async write(text, times = 1) {
          const event = {
            type: 'message',
            id: `m-${randomUUID()}`,
            from: { userId, name },
            content: { type: 'text', text },
          };
          for (let count = 0; count < times; count += 1) await tell(event);
        },
        received: () => taken.flatMap(({ to, content }) => (to.userId === userId ? (content.text ?? '') : [])),
        meets: (trouble) => void troubles.set(userId, trouble),
      };
    },
    close: () => other.close(),
  };
}

/** One for each way into the house, by the name that tests give it. */
export const LANDS: Readonly<Record<string, () => Promise<Land>>> = {
  'WhatsApp at Meta': () => cloud('messenger'),
  'WhatsApp by way of 360dialog': () => cloud('360dialog'),
  'a Facebook page': () => pages('page'),
  'an Instagram account': () => pages('instagram'),
  Telegram: telegram,
  'a custom system': custom,
};
