import { BUSINESS, requireScope } from '../graph-access.js';
import { GraphError, invalidParameter, unknownObject } from '../graph-error.js';
import type { GraphAnswer, GraphCall } from '../graph.types.js';
import { parameter } from '../graph.types.js';
import { pageOf, pageOptionsOf } from '../paging.js';
import type { JsonObject } from '../world.types.js';
import { judgeMessage, judgeRecipient, judgeWindow } from './judge-send.js';
import { type PageObject, PAGE_OBJECTS, type SimPage, type SimPerson } from './types.js';

const ok = (body: unknown): GraphAnswer => ({ status: 200, body });

/** What people hear of, by name. Meta: messenger-platform/reference/webhook-events, instagram-platform/webhooks */
const FIELDS: Readonly<Record<PageObject, ReadonlySet<string>>> = {
  page: new Set([
    'messages',
    'messaging_postbacks',
    'messaging_optins',
    'message_deliveries',
    'message_reads',
    'message_echoes',
    'message_reactions',
    'messaging_referrals',
    'messaging_handovers',
    'standby',
    'message_edits',
    'feed',
    'name',
  ]),
  instagram: new Set([
    'messages',
    'messaging_postbacks',
    'messaging_optins',
    'messaging_reactions',
    'messaging_referrals',
    'messaging_seen',
    'messaging_handover',
    'standby',
    'message_edit',
    'comments',
    'mentions',
  ]),
};

export function isPageObject(object: string | undefined): object is PageObject {
  return PAGE_OBJECTS.some((known) => known === object);
}

/** `GET /me/accounts`: pages on which the token's user has a role. */
export function listAccounts(call: GraphCall, id: string): GraphAnswer {
  requireScope(call, 'pages_show_list');
  const { pages } = call.platform;
  const user = call.session.token?.userId ?? '';
  if (id !== 'me' && id !== user) throw unknownObject(call.request.method, id);
  return listed(
    call,
    [...pages.pages.values()].filter(({ users }) => users.has(user)),
  );
}

/** Pages that a business owns are here those of its first user; of clients there are none. */
export function listBusinessPages(call: GraphCall, id: string, edge: 'owned' | 'client'): GraphAnswer {
  requireScope(call, BUSINESS);
  const user = call.platform.world.users.get(call.session.token?.userId ?? '');
  if (!user?.businesses.has(id)) throw unknownObject(call.request.method, id);
  const all = [...call.platform.pages.pages.values()];
  return listed(call, edge === 'owned' ? all.filter(({ users }) => users.has(user.id)) : []);
}

function listed(call: GraphCall, pages: readonly SimPage[]): GraphAnswer {
  const { request } = call;
  const fields = parameter(request, 'fields') ?? 'id,name,access_token';
  return ok(pageOf(pages, pageOptionsOf(request), request, request.path, (page) => view(call, page, fields)));
}

/** A page, as far as the token may see it: its own, or that of somebody with a role on it. */
export function viewPage(call: GraphCall, page: SimPage): JsonObject {
  const { token } = call.session;
  const isOwn = token?.type === 'PAGE' && token.userId === page.id;
  const hasRole = token !== undefined && page.users.has(token.userId) && token.scopes.includes('pages_show_list');
  if (!isOwn && !hasRole) throw unknownObject(call.request.method, page.id);
  return view(call, page, parameter(call.request, 'fields') ?? 'id,name');
}

function view(_call: GraphCall, page: SimPage, fields: string): JsonObject {
  const asked = fields.replace(/\{[^}]*\}/g, '').split(',');
  const known: JsonObject = {
    id: page.id,
    name: page.name,
    category: page.category,
    access_token: page.token,
    link: `https://www.facebook.com/${page.id}`,
    ...(page.instagram && { instagram_business_account: { ...page.instagram } }),
  };
  return Object.fromEntries(Object.entries(known).filter(([name]) => name === 'id' || asked.includes(name)));
}

/** Who a person is, for the page that they wrote to. Meta: messenger-platform/identity/user-profile */
export function viewPerson(call: GraphCall, id: string): GraphAnswer | undefined {
  const { token } = call.session;
  if (token?.type !== 'PAGE') return undefined;
  const { pages } = call.platform;
  const page = pages.pages.get(token.userId);
  const person = [page?.id, page?.instagram?.id].map((account) => account && pages.find(account, id)).find(Boolean);
  if (!person) return undefined;
  const { first_name, last_name, username } = person;
  const own = person.object === 'page' ? { first_name, last_name } : { name: `${first_name} ${last_name}`, username };
  return ok({ id, ...own });
}

export function getSubscribedApps(call: GraphCall, id: string): GraphAnswer {
  const page = call.platform.pages.reach(call, id, 'pages_manage_metadata');
  const data = [...page.subscriptions].map(([appId, subscribed_fields]) => ({
    id: appId,
    name: call.platform.world.apps.get(appId)?.name ?? '',
    subscribed_fields,
  }));
  return ok({ data });
}

/** The fields replace those that were there. Meta: graph-api/reference/page/subscribed_apps */
export function subscribeApp(call: GraphCall, id: string): GraphAnswer {
  const page = call.platform.pages.reach(call, id, 'pages_manage_metadata');
  const fields = (parameter(call.request, 'subscribed_fields') ?? '').split(',').filter((field) => field !== '');
  const unknown = fields.find((field) => !FIELDS.page.has(field));
  if (fields.length === 0 || unknown !== undefined) {
    throw invalidParameter(`Param subscribed_fields must be fields of a page${unknown ? `, not ${unknown}` : ''}`);
  }
  page.subscriptions.set(call.session.app.id, fields);
  return ok({ success: true });
}

export function unsubscribeApp(call: GraphCall, id: string): GraphAnswer {
  const page = call.platform.pages.reach(call, id, 'pages_manage_metadata');
  page.subscriptions.delete(call.session.app.id);
  return ok({ success: true });
}

/** Which names of webhook fields an app may choose. */
export function judgeFields(object: PageObject, fields: readonly string[]): void {
  const unknown = fields.find((field) => !FIELDS[object].has(field));
  if (unknown !== undefined) throw invalidParameter(`Param fields must be webhook fields of ${object}, not ${unknown}`);
}

/** `POST /{page}/messages`. To a person of its Instagram account as well: whose id it is tells. */
export async function postMessage(call: GraphCall, id: string): Promise<GraphAnswer> {
  const { pages } = call.platform;
  const page = pages.reach(call, id, 'pages_messaging');
  const body = call.request.body;
  const { recipient, message, sender_action: action } = body as JsonObject;
  const given = (recipient as JsonObject | undefined)?.['id'];
  const ofInstagram = page.instagram && typeof given === 'string' && pages.find(page.instagram.id, given);
  const [object, account]: [PageObject, string] = ofInstagram
    ? ['instagram', page.instagram?.id ?? '']
    : ['page', page.id];
  const person = judgeRecipient(pages, account, recipient);
  if (typeof action === 'string') return act(call, action, person, body);
  if (typeof message !== 'object' || message === null) throw invalidParameter('The parameter message is required');
  judgeMessage(pages, page, object, message as JsonObject);
  judgeWindow(body, person, pages.nowMs());
  const mid = pages.nextMid();
  const at = pages.nowMs();
  pages.record({ mid, at, object, account, person: person.id, body });
  const ends = { sender: { id: account }, recipient: { id: person.id }, timestamp: at };
  const said = message as JsonObject;
  const echo = { mid, ...said, is_echo: true, app_id: Number(call.session.app.id) };
  // Instagram gives nothing back of what was sent along
  if (object === 'instagram') delete (echo as JsonObject)['metadata'];
  void pages.emit(object, account, object === 'page' ? 'message_echoes' : 'messages', { ...ends, message: echo });
  if (object === 'page') {
    const delivered = { sender: ends.recipient, recipient: ends.sender, timestamp: at };
    void pages.emit(object, account, 'message_deliveries', { ...delivered, delivery: { mids: [mid], watermark: at } });
  }
  return ok({ recipient_id: person.id, message_id: mid });
}

/** What goes with a message of its own. Meta: messenger-platform/send-messages/sender-actions */
const BESIDE_ACTIONS = ['message', 'messaging_type', 'tag'];

function act({ platform: { pages } }: GraphCall, action: string, person: SimPerson, body: JsonObject): GraphAnswer {
  const payload = body['payload'] as JsonObject | undefined;
  const known = ['typing_on', 'typing_off', 'mark_seen', 'react', 'unreact'];
  if (!known.includes(action)) throw invalidParameter(`Param sender_action must be one of {${known.join(', ')}}`);
  const beside = BESIDE_ACTIONS.find((name) => body[name] !== undefined);
  if (beside !== undefined) throw invalidParameter(`Param ${beside} cannot be used with sender_action`);
  if (action.endsWith('react') && typeof payload?.['message_id'] !== 'string') {
    throw invalidParameter('Param payload[message_id] is required');
  }
  if (action === 'react' && typeof payload?.['reaction'] !== 'string') {
    throw invalidParameter('Param payload[reaction] is required');
  }
  const { object, account } = person;
  pages.record({ mid: '', at: pages.nowMs(), object, account, person: person.id, body });
  return ok({ recipient_id: person.id });
}

/** `POST /{page}/message_attachments`, multipart with `message` and `filedata`. */
export function uploadAttachment(call: GraphCall, id: string): GraphAnswer {
  const { pages, ids } = call.platform;
  const page = pages.reach(call, id, 'pages_messaging');
  const raw = call.request.raw?.toString('latin1') ?? '';
  if (!/name="message"/.test(raw) || !/name="filedata"/.test(raw)) {
    throw new GraphError({ code: 100, subcode: 2018047, message: '(#100) Upload attachment failure.' });
  }
  if (raw.length > 25 * 1024 * 1024) {
    throw new GraphError({ code: 100, subcode: 2018109, message: '(#100) Attachment size exceeds allowable limit.' });
  }
  const attachment = ids.media();
  pages.attachments.set(attachment, page.id);
  return ok({ attachment_id: attachment });
}
