import type { Activity } from '../activity.js';
import type { Clock } from '../clock.js';
import { GraphError, unknownObject } from '../graph-error.js';
import type { GraphCall } from '../graph.types.js';
import type { IdSource } from '../ids.js';
import { signatureOf } from '../webhook-body.js';
import type { WebhookSender } from '../webhook-sender.js';
import type { SimApp } from '../world.types.js';
import type { World } from '../world.js';
import { PagePerson } from './person.js';
import type { PageCallback, PageInput, PageMessage, PageObject, SimPage, SimPerson } from './types.js';

/** What a page's own token may do. Meta: messenger-platform, instagram-platform, "permissions" */
const PAGE_SCOPES = [
  'pages_messaging',
  'pages_manage_metadata',
  'pages_show_list',
  'instagram_basic',
  'instagram_manage_messages',
];

interface Parts {
  world: World;
  clock: Clock;
  ids: IdSource;
  activity: Activity;
  webhooks: WebhookSender;
}

/** Facebook pages, Instagram accounts that belong to them, and the people who write there. */
export class Pages {
  readonly pages = new Map<string, SimPage>();
  readonly people = new Map<string, SimPerson>();
  /** `app object` → callback. */
  readonly callbacks = new Map<string, PageCallback>();
  /** Uploads: id → page. */
  readonly attachments = new Map<string, string>();
  sent: PageMessage[] = [];
  private issued = 0;

  constructor(private readonly parts: Parts) {}

  clear(): void {
    for (const map of [this.pages, this.people, this.callbacks, this.attachments]) map.clear();
    this.sent = [];
    this.issued = 0;
  }

  /** Adds a page, or changes one. A role on it has the first user, unless said otherwise. */
  add(input: PageInput): SimPage {
    const { world } = this.parts;
    const { users = [...world.users.keys()].slice(0, 1), ...fields } = input;
    const page = this.pages.get(input.id) ?? {
      id: input.id,
      name: `Page ${input.id}`,
      category: 'Shopping & retail',
      token: `EAAPage${input.id}`,
      instagram: undefined,
      users: new Set<string>(),
      subscriptions: new Map<string, string[]>(),
    };
    Object.assign(page, fields);
    users.forEach((user) => page.users.add(user));
    this.pages.set(page.id, page);
    world.addToken({ token: page.token, type: 'PAGE', userId: page.id, scopes: [...PAGE_SCOPES], granularScopes: [] });
    return page;
  }

  /** Somebody who may write there; `account` is a page, or an Instagram account. */
  person(account: string, profile: Partial<SimPerson> = {}): PagePerson {
    const object: PageObject = this.pages.has(account) ? 'page' : 'instagram';
    this.issued += 1;
    const id = profile.id ?? `${object === 'page' ? '244' : '990'}${String(this.issued).padStart(14, '0')}`;
    const known = this.people.get(keyOf(account, id));
    const person = known ?? {
      id,
      account,
      object,
      first_name: 'Ann',
      last_name: 'Bo',
      username: undefined,
      actedAt: undefined,
      blocks: false,
    };
    Object.assign(person, profile);
    this.people.set(keyOf(account, id), person);
    return new PagePerson(this, person);
  }

  find(account: string, id: string): SimPerson | undefined {
    return this.people.get(keyOf(account, id));
  }

  pageOf(account: string): SimPage | undefined {
    return this.pages.get(account) ?? [...this.pages.values()].find(({ instagram }) => instagram?.id === account);
  }

  /** The page, if it is the page itself that calls; who may not is told that it does not exist. */
  reach(call: GraphCall, id: string, scope: string): SimPage {
    const page = this.pages.get(id);
    const { token } = call.session;
    if (page === undefined || token === undefined) {
      throw unknownObject(call.request.method, id);
    }
    if (token.type !== 'PAGE') {
      throw new GraphError({ code: 210, message: '(#210) A page access token is required to request this resource.' });
    }
    if (token.userId !== id) {
      throw unknownObject(call.request.method, id);
    }
    if (!token.scopes.includes(scope)) {
      throw new GraphError({ code: 200, message: `(#200) Requires ${scope} permission to manage the object` });
    }
    return page;
  }

  /** What an app is told of, without the Graph call that sets it. */
  setCallback(appId: string, object: PageObject, url: string, fields: string[], verifyToken = ''): void {
    this.callbacks.set(`${appId} ${object}`, { object, url, fields, verifyToken });
  }

  nextMid(): string {
    return `m_${this.parts.ids.wamid().slice('wamid.'.length)}`;
  }

  nowMs(): number {
    return this.parts.clock.nowMs();
  }

  record(message: PageMessage): void {
    this.sent.push(message);
    this.parts.activity.changed();
  }

  /**
   * An item to every app that is subscribed to the page with this field, and whose webhook of the object has it; on Instagram the
   * page's subscription may be to anything. Meta: graph-api/reference/page/subscribed_apps
   */
  emit(object: PageObject, account: string, field: string, item: object, list = 'messaging'): Promise<void>[] {
    const page = this.pageOf(account);
    if (page === undefined) return [];
    const envelope = { object, entry: [{ id: account, time: this.nowMs(), [list]: [item] }] };
    return [...page.subscriptions].flatMap(([appId, fields]) => {
      const app = this.parts.world.apps.get(appId);
      const callback = this.callbacks.get(`${appId} ${object}`);
      const isWanted = (object === 'instagram' || fields.includes(field)) && callback?.fields.includes(field);
      return app && callback && isWanted ? [this.post(app, callback, envelope)] : [];
    });
  }

  private post({ id, secret }: SimApp, { url }: PageCallback, envelope: object): Promise<void> {
    const target = { id, url, headersFor: (body: Buffer) => ({ 'x-hub-signature-256': signatureOf(body, secret) }) };
    return this.parts.webhooks.publishTo(target, envelope);
  }
}

function keyOf(account: string, id: string): string {
  return `${account} ${id}`;
}
