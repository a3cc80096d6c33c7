import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CustomerMessage } from '../../src/simulator/simulator.js';
import { Scene } from '../support/scene.js';
import { eventually } from '../support/patchbay.js';
import { WORLD } from '../support/stage.js';

interface Unhandled {
  readonly code: string;
  readonly reason: string;
  readonly raw: unknown;
}

const MEDIA = { id: '2754859441498128', mime_type: 'image/jpeg', sha256: 'c2hh' };
/** The file gets an id and a link of ours; the network's id is kept beside them. */
const REFERENCE = expect.objectContaining({
  id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  providerId: MEDIA.id,
  url: expect.stringContaining('/media/'),
  sha256: MEDIA.sha256,
});

/** What the customer sends, what the bot gets as content, and as text. */
const CONTENTS: readonly [string, CustomerMessage, object, string][] = [
  ['a text', { type: 'text', text: { body: 'häi 👋' } }, { type: 'text', text: 'häi 👋' }, 'häi 👋'],
  [
    'a tap on a template’s button',
    { type: 'button', button: { payload: 'STOP', text: 'Stop it' } },
    { type: 'choice', id: 'STOP', title: 'Stop it', of: 'template' },
    'Stop it',
  ],
  [
    'a tap on a button',
    { type: 'interactive', interactive: { type: 'button_reply', button_reply: { id: 'yes', title: 'Yes' } } },
    { type: 'choice', id: 'yes', title: 'Yes', of: 'button' },
    'Yes',
  ],
  [
    'a choice from a list',
    {
      type: 'interactive',
      interactive: { type: 'list_reply', list_reply: { id: 'r1', title: 'Row', description: 'The first' } },
    },
    { type: 'choice', id: 'r1', title: 'Row', description: 'The first', of: 'list' },
    'Row',
  ],
  [
    'a location',
    { type: 'location', location: { latitude: 37.5, longitude: -122.25, name: 'HQ', address: '1 Hacker Way' } },
    { type: 'location', latitude: 37.5, longitude: -122.25, name: 'HQ', address: '1 Hacker Way' },
    'HQ, 1 Hacker Way, 37.5,-122.25',
  ],
  [
    'contact cards',
    {
      type: 'contacts',
      contacts: [{ name: { formatted_name: 'Ann Lee' }, phones: [{ phone: '+1 555', type: 'CELL' }] }],
    },
    {
      type: 'contacts',
      contacts: [{ name: { formatted_name: 'Ann Lee' }, phones: [{ phone: '+1 555', type: 'CELL' }] }],
    },
    'Ann Lee',
  ],
  [
    'an image with a caption',
    { type: 'image', image: { ...MEDIA, caption: 'Look' } },
    { type: 'image', media: REFERENCE, caption: 'Look' },
    'Look',
  ],
  [
    'a voice note',
    { type: 'audio', audio: { ...MEDIA, mime_type: 'audio/ogg; codecs=opus', voice: true } },
    { type: 'audio', media: REFERENCE, voice: true },
    '',
  ],
  ['a video', { type: 'video', video: MEDIA }, { type: 'video', media: REFERENCE }, ''],
  [
    'a document with its name',
    { type: 'document', document: { ...MEDIA, filename: 'bill.pdf', caption: 'Bill' } },
    { type: 'document', media: REFERENCE, caption: 'Bill' },
    'Bill',
  ],
  [
    'an animated sticker',
    { type: 'sticker', sticker: { ...MEDIA, animated: true } },
    { type: 'sticker', media: REFERENCE, animated: true },
    '',
  ],
  [
    'a flow that was filled in',
    {
      type: 'interactive',
      interactive: { type: 'nfm_reply', nfm_reply: { name: 'flow', body: 'Sent', response_json: '{"a":1}' } },
    },
    { type: 'form', name: 'flow', body: 'Sent', data: { a: 1 }, raw: '{"a":1}' },
    'Sent',
  ],
  [
    'an order',
    { type: 'order', order: { catalog_id: '1', text: 'Soon', product_items: [{ product_retailer_id: 'x' }] } },
    { type: 'order', catalog_id: '1', text: 'Soon', product_items: [{ product_retailer_id: 'x' }] },
    'Soon',
  ],
];

/** Documented types that have no shape of their own yet. */
const PASSED_ON: readonly CustomerMessage[] = [
  { type: 'unsupported', errors: [{ code: 131051, title: 'Message type unknown' }] },
  { type: 'request_welcome' },
  {
    type: 'interactive',
    interactive: { type: 'call_permission_reply', call_permission_reply: { response: 'accept' } },
  },
];

describe('what customers send', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open();
  });

  afterAll(() => scene.close());

  it.each(CONTENTS)('%s reaches the bot and the history in full', async (_name, sent, content, text) => {
    const event = await scene.write(scene.customer(), sent);
    expect(event.message?.content).toEqual(content);
    expect(event.message?.text).toBe(text);
    expect(await scene.message(event.message?.id ?? '')).toMatchObject({ direction: 'inbound', content, text });
  });

  it.each(PASSED_ON.map((message) => [message.type, message] as const))(
    'a documented type without a shape of its own (%s) is passed on with its raw payload',
    async (type, sent) => {
      const customer = scene.customer();
      const event = await scene.write(customer, sent);
      expect(event.message?.content).toEqual({
        type: 'unsupported',
        providerType: type,
        raw: expect.objectContaining({ ...sent, from: customer.phone, id: event.message?.providerId }),
      });
      const listed = await scene.attention<Unhandled>('unhandled');
      expect(listed.filter(({ raw }) => JSON.stringify(raw).includes(event.message?.providerId ?? '-'))).toEqual([]);
    },
  );

  it('a type that nobody has heard of is passed on with its raw payload, and also listed for attention', async () => {
    const sent = { type: 'hologram', hologram: { depth: 3 } };
    const event = await scene.write(scene.customer(), sent);
    const content = { type: 'unsupported', providerType: 'hologram', raw: expect.objectContaining(sent) };
    expect(event.message?.content).toEqual(content);
    const listed = await scene.attention<Unhandled>('unhandled');
    expect(listed.filter(({ code }) => code === 'type.unknown')).toMatchObject([{ raw: content }]);
  });

  it('a notice of the network is passed on but opens no window', async () => {
    const customer = scene.customer();
    const event = await scene.write(customer, {
      type: 'system',
      system: { type: 'user_identity_changed', body: 'changed', identity: { hash: 'abc' } },
    });
    const content = { type: 'system', event: 'user_identity_changed', body: 'changed', identity: { hash: 'abc' } };
    expect(event.message).toMatchObject({ content, text: 'changed' });
    expect(event.dialog.window.state).toBe('unknown');
  });

  it('a reaction speaks of the message by our id, and its end has no emoji', async () => {
    const customer = scene.customer();
    const first = await scene.write(customer, 'hi');
    const ours = await scene.send(customer.phone, 'hello');
    const { id: wamid } = await customer.nextMessage();
    await scene.until(ours.id, 'delivered');
    const liked = await scene.write(customer, { type: 'reaction', reaction: { message_id: wamid, emoji: '👍' } });
    expect(liked.message).toMatchObject({ content: { type: 'reaction', messageId: ours.id, emoji: '👍' }, text: '👍' });
    const taken = await scene.write(customer, { type: 'reaction', reaction: { message_id: wamid } });
    expect(taken.message?.content).toEqual({ type: 'reaction', messageId: ours.id, emoji: '' });
    const own = await scene.write(customer, {
      type: 'reaction',
      reaction: { message_id: first.message?.providerId, emoji: '🎉' },
    });
    expect(own.message?.content).toEqual({ type: 'reaction', messageId: first.message?.id, emoji: '🎉' });
  });

  it('an answer to a message names it by our id and the network’s', async () => {
    const customer = scene.customer();
    await scene.write(customer, 'hi');
    const ours = await scene.send(customer.phone, 'shall we?');
    const { id: wamid } = await customer.nextMessage();
    await scene.until(ours.id, 'delivered');
    const answer = await scene.write(customer, { type: 'text', text: { body: 'yes' }, context: { id: wamid } });
    expect(answer.message?.['replyTo']).toEqual({ id: ours.id, providerId: wamid });
    expect((await scene.message(answer.message?.id ?? '')).replyTo).toBe(ours.id);
  });

  it('an edit and its end speak of the message by our id, and open no window', async () => {
    const customer = scene.customer();
    const first = await scene.write(customer, 'helo');
    const edited = await scene.write(customer, {
      type: 'edit',
      edit: { original_message_id: first.message?.providerId, message: { type: 'text', text: { body: 'hello' } } },
    });
    const content = { type: 'edit', messageId: first.message?.id, content: { type: 'text', text: 'hello' } };
    expect(edited.message).toMatchObject({ content, text: 'hello' });
    expect(edited.dialog.window).toEqual(first.dialog.window);
    const revoke = { type: 'revoke', revoke: { original_message_id: first.message?.providerId } };
    const taken = await scene.write(customer, revoke);
    expect(taken.message?.content).toEqual({ type: 'revoke', messageId: first.message?.id });
  });

  it('a message that was forwarded, or is about a product, says so to the bot and in the history', async () => {
    const product = { catalog_id: '1', product_retailer_id: 'x' };
    const event = await scene.write(scene.customer(), {
      type: 'text',
      text: { body: 'is it in stock?' },
      context: { forwarded: true, referred_product: product },
    });
    expect(event.message).toMatchObject({ forwarded: 'once', product });
    expect(await scene.message(event.message?.id ?? '')).toMatchObject({ forwarded: 'once', product });
  });

  it('an answer to a message that we do not know names it by the network’s id alone', async () => {
    const event = await scene.write(scene.customer(), {
      type: 'text',
      text: { body: 'yes' },
      context: { id: 'wamid.of-another-time' },
    });
    expect(event.message?.['replyTo']).toEqual({ providerId: 'wamid.of-another-time' });
  });

  it('a message that comes from an advertisement carries its referral', async () => {
    const referral = {
      source_type: 'ad',
      source_id: '120',
      source_url: 'https://fb.me/x',
      headline: 'Shoes',
      ctwa_clid: 'abc',
    };
    const event = await scene.write(scene.customer(), { type: 'text', text: { body: 'hi' }, referral });
    expect(event.message?.['referral']).toEqual(referral);
    expect((await scene.message(event.message?.id ?? ''))['referral']).toEqual(referral);
  });

  it('is stamped with the time of the network, not ours', async () => {
    const seconds = Math.floor(Date.now() / 1_000) - 3_600;
    const event = await scene.write(scene.customer(), {
      type: 'text',
      text: { body: 'hi' },
      timestamp: String(seconds),
    });
    expect(event.message?.['sentAt']).toBe(new Date(seconds * 1_000).toISOString());
    expect(event.occurredAt).toBe(event.message?.['sentAt']);
  });

  it('is told in the order of the network’s stamps also when it arrives in another', async () => {
    const customer = scene.customer();
    const { sim, bot } = scene.stage;
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    scene.answerTo(customer, ({ event }) => (event.message?.text === 'first' ? { after: held } : undefined));
    const now = Math.floor(Date.now() / 1_000);
    const write = (body: string, timestamp: number): string =>
      customer.write(WORLD.phoneNumberId, { type: 'text', text: { body }, timestamp: String(timestamp) });
    const first = await scene.hear(write('first', now - 10));
    const third = write('third', now - 1);
    await sim.idle();
    const second = write('second', now - 5);
    await sim.idle();
    // Acknowledged is not processed yet: the bot is only let go when all three are in the dialog.
    await eventually('all three to be stored', async () => {
      const path = `/dialogs/${first.event.dialog.id}/messages`;
      const { body } = await scene.stage.patchbay.call<{ items: object[] }>('GET', path);
      return body.items.length === 3;
    });
    release();
    await Promise.all([scene.hear(second), scene.hear(third)]);
    const heard = bot.events.filter(({ contact, message }) => contact.id === first.event.contact.id && message);
    expect(heard.map(({ message }) => message?.text)).toEqual(['first', 'second', 'third']);
  });
});

describe('who writes', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open();
  });

  afterAll(() => scene.close());

  it('may be known by the business-scoped id alone, and is answered by it', async () => {
    const userId = 'US.13491208655302741918';
    const customer = scene.stage.sim.customer({ userId, name: 'Sheena', username: 'sheena.n' });
    scene.answerTo(customer, ({ event: { type } }) =>
      type === 'message.received' ? { body: { replies: [{ type: 'text', text: 'hello' }] } } : undefined,
    );
    const event = await scene.write(customer, 'hi');
    expect(event.contact).toEqual({ id: event.contact.id, name: 'Sheena', userId, username: 'sheena.n' });
    expect(event.variables).toMatchObject({ user: userId, from: 'Sheena' });
    const answer = await customer.nextMessage();
    expect(answer).toMatchObject({ text: 'hello', userId });
    expect(answer.body).toMatchObject({ recipient: userId });
    expect(answer.body.to).toBeUndefined();
  });

  it('stays the same contact in the same dialog when the phone becomes known later', async () => {
    const userId = 'US.2001';
    const phone = scene.newPhone();
    const before = await scene.write(scene.stage.sim.customer({ userId, name: 'Ann' }), 'by id');
    const after = await scene.write(scene.stage.sim.customer({ userId, phone }), 'by both');
    expect(after.contact).toMatchObject({ id: before.contact.id, userId, phone: `+${phone}` });
    expect(after.dialog).toMatchObject({ id: before.dialog.id, isNew: false });
    expect(after.variables['user']).toBe(phone);
    expect((await scene.send(phone, 'by phone')).dialog).toBe(before.dialog.id);
  });

  it('becomes one contact when two turn out to be one: the older dialog’s id leads to the one that goes on', async () => {
    const userId = 'US.3001';
    const phone = scene.newPhone();
    const byPhone = await scene.write(scene.stage.sim.customer({ phone, name: 'Bob' }), 'by phone');
    const byUser = await scene.write(scene.stage.sim.customer({ userId, name: 'Bob' }), 'by id');
    expect(byUser.contact.id).not.toBe(byPhone.contact.id);
    const joined = await scene.write(scene.stage.sim.customer({ phone, userId }), 'by both');
    expect([byPhone.contact.id, byUser.contact.id]).toContain(joined.contact.id);
    for (const { dialog } of [byPhone, byUser]) {
      const { status, body } = await scene.get<{ id: string; contact: { id: string } }>(`/dialogs/${dialog.id}`);
      expect(status).toBe(200);
      expect(body).toMatchObject({ id: joined.dialog.id, contact: { id: joined.contact.id } });
    }
    for (const { message } of [byPhone, byUser, joined])
      expect((await scene.message(message?.id ?? '')).contact).toBe(joined.contact.id);
    expect((await scene.send(phone, 'hello')).dialog).toBe(joined.dialog.id);
  });

  it('is somebody else when the phone comes with another id: nothing but the phone moves', async () => {
    const phone = scene.newPhone();
    const { sim } = scene.stage;
    const old = await scene.write(sim.customer({ phone, userId: 'US.4001', name: 'Old' }), 'mine');
    const fresh = await scene.write(sim.customer({ phone, userId: 'US.4002', name: 'New' }), 'now mine');
    expect(fresh.contact.id).not.toBe(old.contact.id);
    expect(fresh.dialog).toMatchObject({ isNew: true });
    expect(fresh.dialog.id).not.toBe(old.dialog.id);
    expect((await scene.history(fresh.dialog.id)).map(({ text }) => text)).toEqual(['now mine']);
    expect((await scene.send(phone, 'to the new owner')).dialog).toBe(fresh.dialog.id);
    const { body } = await scene.get<{ contact: { phone?: string; userId: string } }>(`/dialogs/${old.dialog.id}`);
    expect(body.contact).toMatchObject({ id: old.contact.id, name: 'Old', userId: 'US.4001' });
    expect(body.contact.phone).toBeUndefined();
  });
});
