import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../support/database.js';
import { StreamReader } from '../support/event-stream.js';
import { type Patchbay, eventually, startPatchbay } from '../support/patchbay.js';
import { Scene } from '../support/scene.js';
import { WORLD, databaseEnvironment, engage, gatewayBody, openStage } from '../support/stage.js';

let scene: Scene;
let env: Readonly<Record<string, string>>;
/** a gateway without a bot and without a number */
let quiet: string;
const open: StreamReader[] = [];

beforeAll(async () => {
  env = databaseEnvironment(await createDatabase());
  // Nothing but its messages is told to the bot: what the stream has beside them nobody else wants.
  scene = await Scene.on(await openStage({ env }), (stage) => engage(stage, { bot: { events: ['message.received'] } }));
  const made = await scene.stage.patchbay.call<{ id: string }>('POST', '/gateways', {
    body: gatewayBody({ uri: 'quiet', bot: scene.stage.bot }),
  });
  quiet = made.body.id;
});

afterAll(async () => {
  for (const reader of open) reader.close();
  await scene.close();
});

async function stream(
  options: Parameters<typeof StreamReader.open>[1] = {},
  patchbay: Patchbay = scene.stage.patchbay,
): Promise<StreamReader> {
  const reader = await StreamReader.open(patchbay.url, options);
  open.push(reader);
  return reader;
}

async function keyFor(permissions: readonly string[], gateways?: readonly string[]) {
  const body = { name: 'reader', permissions, ...(gateways && { gateways }) };
  return (await scene.stage.patchbay.call<{ id: string; key: string }>('POST', '/keys', { body })).body;
}

const refused = async (query: string, headers: Record<string, string> = {}, key?: string) => {
  const { status, body } = await scene.stage.patchbay.call<{ code: string; detail: string }>(
    'GET',
    `/events/stream${query}`,
    { headers, ...(key !== undefined && { key }) },
  );
  return [status, body.code, body.detail];
};

const namesOf = (reader: StreamReader, contact: string): string[] =>
  reader.events
    .filter((event) => event.contact?.id === contact)
    .map(({ type, message }) => (type === 'message.received' ? `${message?.text}` : type));

describe('a stream of events', () => {
  it('has the bot’s own events as they happen, and those that no bot wants, in the order of the dialog', async () => {
    const customer = scene.customer();
    const reader = await stream();
    expect(reader.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    scene.answerTo(customer, ({ event }) =>
      event.message?.text === 'one' ? { body: { replies: [{ type: 'text', text: 'hello' }] } } : undefined,
    );
    const heard = await scene.write(customer, 'one');
    expect(await reader.waitFor(({ id }) => id === heard.id)).toEqual(heard);
    // In one request: of what is posted at the same moment and has the same second, nobody knows which was first.
    scene.stage.sim.faults.add({ match: { update: 'message', to: customer.phone, times: 3 }, do: { batch: 3 } });
    for (const text of ['two', 'three', 'four']) customer.write(WORLD.phoneNumberId, text);
    await scene.stage.patchbay.call('PATCH', `/dialogs/${heard.dialog.id}`, { body: { variables: { mood: 'good' } } });
    await reader.waitFor(({ message }) => message?.text === 'four');
    await reader.waitFor(({ type, contact }) => type === 'message.delivered' && contact.id === heard.contact.id);
    const names = namesOf(reader, heard.contact.id);
    expect(names.filter((name) => !name.startsWith('message.'))).toEqual([
      'dialog.opened',
      'one',
      'two',
      'three',
      'four',
    ]);
    expect(names.filter((name) => name.startsWith('message.'))).toEqual([
      'message.accepted',
      'message.sent',
      'message.delivered',
    ]);
    const ids = reader.received.map(({ id }) => Number(id));
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    expect(new Set(reader.events.map(({ id }) => id)).size).toBe(reader.events.length);
    reader.close();
  });

  it('has what was asked for: types, gateways; and for a limited key what it may see', async () => {
    const { patchbay } = scene.stage;
    const limited = await keyFor(['events:read'], ['quiet']);
    const [all, received, other, theirs] = await Promise.all([
      stream(),
      stream({ query: '?types=message.received,dialog.closed&types=gateway.updated&gateway=acme' }),
      stream({ query: `?gateway=${quiet}&gateway=acme&types=gateway.updated` }),
      stream({ key: limited.key }),
    ]);
    const customer = scene.customer();
    const heard = await scene.write(customer, 'to acme');
    await patchbay.call('PATCH', `/gateways/${quiet}`, { body: { name: 'Quiet' } });
    await patchbay.call('PATCH', '/gateways/acme', { body: { name: 'Acme and Sons' } });
    const last = ({ type, gateway }: { type: string; gateway: { uri: string } }): boolean =>
      type === 'gateway.updated' && gateway.uri === 'acme';
    for (const reader of [all, received, other]) await reader.waitFor(last);
    await theirs.waitFor(({ type }) => type === 'gateway.updated');
    const shown = (reader: StreamReader) => reader.events.map(({ type, gateway }) => `${type} ${gateway.uri}`);
    expect(shown(all)).toEqual(
      expect.arrayContaining(['dialog.opened acme', 'message.received acme', 'gateway.updated quiet']),
    );
    expect(shown(received)).toEqual(['message.received acme', 'gateway.updated acme']);
    expect(received.events[0]?.id).toBe(heard.id);
    expect(shown(other)).toEqual(['gateway.updated quiet', 'gateway.updated acme']);
    expect(shown(theirs)).toEqual(['gateway.updated quiet']);
    expect(await refused('?gateway=acme', {}, limited.key)).toEqual([
      422,
      'gateway.unknown',
      expect.stringContaining('acme'),
    ]);
    expect(await refused('?types=message.nothing')).toEqual([
      400,
      'validation.failed',
      expect.stringContaining('types'),
    ]);
    for (const reader of [all, received, other, theirs]) reader.close();
  });

  it('shows who has a dialog whose bot is silent', async () => {
    const customer = scene.customer();
    const first = await scene.write(customer, 'hi');
    const reader = await stream({ query: '?gateway=acme&types=message.received' });
    await scene.stage.patchbay.call('POST', `/dialogs/${first.dialog.id}/assign`, { body: { to: 'Ann' } });
    const wamid = customer.write(WORLD.phoneNumberId, 'a person, please');
    const event = await reader.waitFor(({ message }) => message?.providerId === wamid);
    expect(event.dialog).toMatchObject({ assignee: { to: 'Ann' }, bot: { paused: true, reason: 'operator' } });
    expect(scene.stage.bot.events.some(({ message }) => message?.providerId === wamid)).toBe(false);
    reader.close();
  });

  it('ends with its process, at once and with a word; goes on in another one, and nothing is missing or there twice', async () => {
    const customer = scene.customer();
    const other = await startPatchbay({ env: { ...env, GRAPH_URL: scene.stage.sim.url } });
    const query = '?types=message.received';
    const first = await stream({ query }, other);
    const begin = first.lastId;
    const one = await scene.write(customer, 'one');
    await first.waitFor(({ id }) => id === one.id);
    const began = performance.now();
    const stopped = other.stop();
    expect(await first.end()).toMatchObject({ code: 'server.stopping' });
    expect(await stopped).toMatchObject({ code: 0 });
    // A stop that waited for streams would take ten seconds before it even began.
    expect(performance.now() - began).toBeLessThan(9_000);
    await other.dispose();

    const two = await scene.write(customer, 'two');
    const second = await stream({ query, after: first.lastId });
    const three = await scene.write(customer, 'three');
    await second.waitFor(({ id }) => id === three.id);
    expect(second.events.map(({ id }) => id)).toEqual([two.id, three.id]);
    const again = await stream({ query, after: begin });
    await again.waitFor(({ id }) => id === three.id);
    expect(again.events.map(({ id }) => id)).toEqual([one.id, two.id, three.id]);
    for (const reader of [second, again]) reader.close();
  });

  it('is not begun where something would be missing', async () => {
    const after = (id: string): Record<string, string> => ({ 'last-event-id': id });
    expect(await refused('', after('evt_1'))).toEqual([400, 'validation.failed', expect.stringContaining('"evt_1"')]);
    expect(await refused('', after('999999999'))).toEqual([
      410,
      'stream.position_gone',
      expect.stringMatching(/no such event yet.*without Last-Event-ID/),
    ]);
    // Nobody asked for these events by then, so they were not kept.
    const fresh = await keyFor(['events:read'], ['quiet']);
    expect(await refused('?types=message.read', after('0'), fresh.key)).toEqual([
      410,
      'stream.position_gone',
      expect.stringMatching(/Not everything that this filter wants/),
    ]);
  });

  it('is one of at most ten of a key, and ends when its key is deleted', async () => {
    const { id, key } = await keyFor(['events:read']);
    const readers = await Promise.all(Array.from({ length: 10 }, () => stream({ key })));
    expect(await refused('', {}, key)).toEqual([429, 'stream.limit', expect.stringContaining('10 streams')]);
    readers[0]?.close();
    const next = await eventually('room for one more', () => stream({ key }).catch(() => undefined));
    expect(next.lastId).not.toBe('');
    expect((await scene.stage.patchbay.call('DELETE', `/keys/${id}`)).status).toBe(204);
    expect(await readers[1]?.end()).toMatchObject({ code: 'stream.key_revoked' });
    await readers[1]?.until(() => readers[1]?.isOver);
  });
});
