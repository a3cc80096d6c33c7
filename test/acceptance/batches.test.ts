import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/patchbay.js';
import { Scene, SECOND_NUMBER, TWO_NUMBERS } from '../support/scene.js';
import { WORLD } from '../support/stage.js';
import { postSigned, textItem, valueOf, webhookOf } from '../support/webhooks.js';

interface Unhandled {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly gateway: { readonly uri: string };
  readonly code: string;
  readonly reason: string;
  readonly path: string;
  readonly raw: unknown;
}

describe('webhooks', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open();
  });

  afterAll(() => scene.close());

  const unhandled = (fits: (item: Unhandled) => boolean): Promise<Unhandled> =>
    eventually('an unhandled event', async () => (await scene.attention<Unhandled>('unhandled')).find(fits));
  const heardOf = (phone: string): string[] =>
    scene.stage.bot.events.flatMap(({ type, contact, message }) =>
      type === 'message.received' && contact.phone === `+${phone}` ? [message?.text ?? ''] : [],
    );

  it('with a thousand updates of which one is broken: 999 are processed in order, the one is listed with its reason', async () => {
    const { sim, bot } = scene.stage;
    const phones = Array.from({ length: 20 }, () => scene.newPhone());
    const messages = Array.from({ length: 1_000 }, (_, place) =>
      textItem(phones[place % 20] ?? '', `wamid.batch-${place}`, `number ${place}`),
    );
    delete messages[500]?.['text'];
    await postSigned(sim, webhookOf(valueOf({ messages })));
    await eventually(
      'the bot to hear of 999',
      async () => phones.reduce((sum, phone) => sum + heardOf(phone).length, 0) === 999,
    );
    for (const [index, phone] of phones.entries()) {
      const expected = Array.from({ length: 50 }, (_, round) => round * 20 + index).filter((place) => place !== 500);
      expect(heardOf(phone)).toEqual(expected.map((place) => `number ${place}`));
    }
    const listed = await unhandled(({ code }) => code === 'item.broken');
    expect(listed).toMatchObject({
      kind: 'provider',
      state: 'unhandled',
      gateway: { uri: 'acme' },
      path: 'entry[0].changes[0].value.messages[500]',
      raw: messages[500],
    });
    expect(listed.reason).toContain('text.body');

    const replay = await scene.stage.patchbay.call('POST', `/events/${listed.id}/replay`);
    expect(replay.status).toBe(202);
    const again = await unhandled(({ id, code }) => code === 'item.broken' && id !== listed.id);
    expect(again).toMatchObject({ path: listed.path, raw: listed.raw });
    expect((await scene.attention<Unhandled>('unhandled')).some(({ id }) => id === listed.id)).toBe(false);
    expect(bot.events.filter(({ message }) => message?.providerId?.startsWith('wamid.batch-'))).toHaveLength(999);
  });

  it('of an unknown field are taken and listed with the field’s name', async () => {
    await postSigned(scene.stage.sim, webhookOf({ some: 'thing' }, 'telepathy'));
    const listed = await unhandled(({ code }) => code === 'field.unknown');
    expect(listed.reason).toContain('telepathy');
    expect(listed.raw).toMatchObject({ field: 'telepathy', value: { some: 'thing' } });
  });

  it('for an unknown number are listed, and a replay after setup brings them to the bot', async () => {
    const { sim, patchbay, uri } = scene.stage;
    sim.world.merge(TWO_NUMBERS);
    const customer = scene.customer();
    const wamid = customer.write(SECOND_NUMBER.id, 'anybody there?');
    const listed = await unhandled(({ code }) => code === 'account.unknown');
    expect(listed.reason).toContain(SECOND_NUMBER.id);
    expect(heardOf(customer.phone)).toEqual([]);

    for (const operation of ['setup', 'subscribe'])
      expect((await patchbay.command(uri, `whatsapp=${operation}`)).status).toBe(200);
    expect((await patchbay.call('POST', `/events/${listed.id}/replay`)).status).toBe(202);
    const { event } = await scene.hear(wamid);
    expect(event.variables).toMatchObject({ 'whatsapp.account': SECOND_NUMBER.id });
    expect((await scene.attention<Unhandled>('unhandled')).map(({ code }) => code)).not.toContain('account.unknown');
  });

  it('that come again change nothing, neither at the same moment nor later', async () => {
    const { sim } = scene.stage;
    const customer = scene.customer();
    const value = valueOf({ messages: [textItem(customer.phone, `wamid.again-${customer.phone}`, 'once')] });
    await Promise.all(Array.from({ length: 8 }, () => postSigned(sim, webhookOf(value))));
    const { event } = await scene.hear(`wamid.again-${customer.phone}`);
    await postSigned(sim, webhookOf(value));
    await scene.write(customer, 'the end');
    expect(heardOf(customer.phone)).toEqual(['once', 'the end']);
    expect((await scene.history(event.dialog.id)).map(({ text }) => text)).toEqual(['once', 'the end']);
  });

  it('that the network itself repeats and shuffles change nothing', async () => {
    const { sim } = scene.stage;
    const customer = scene.customer();
    const faults = [
      sim.faults.add({ match: { to: customer.phone, update: 'message' }, do: { duplicate: 2 } }),
      sim.faults.add({ match: { to: customer.phone, update: 'status' }, do: { duplicate: 2, reorder: 3 } }),
    ];
    const event = await scene.write(customer, 'hi');
    const sent = await scene.send(customer.phone, 'hello', { account: WORLD.phoneNumberId });
    await scene.until(sent.id, ({ timeline }) =>
      ['sent', 'delivered'].every((s) => timeline.some((t) => t.status === s)),
    );
    await sim.idle();
    await scene.write(customer, 'the end');
    const message = await scene.message(sent.id);
    expect(message.status).toBe('delivered');
    expect(message.timeline.map(({ status }) => status).sort()).toEqual(
      ['queued', 'sending', 'accepted', 'sent', 'delivered'].sort(),
    );
    expect((await scene.history(event.dialog.id)).map(({ text }) => text)).toEqual(['hi', 'hello', 'the end']);
    expect(heardOf(customer.phone)).toEqual(['hi', 'the end']);
    faults.forEach((fault) => fault.remove());
  });

  it('with text that PostgreSQL has no place for keep it, and do not hurt their neighbours', async () => {
    const { sim } = scene.stage;
    const texts = ['before', 'a\u0000b', 'lone \ud83d surrogate', 'turned \udc00\ud800', 'after'];
    const phones = texts.map(() => scene.newPhone());
    const messages = texts.map((text, place) => textItem(phones[place] ?? '', `wamid.odd-${place}`, text));
    await postSigned(sim, webhookOf(valueOf({ messages })));
    for (const [place, text] of texts.entries()) {
      const { event } = await scene.hear(`wamid.odd-${place}`);
      expect(event.message?.text).toBe(text);
      expect((await scene.message(event.message?.id ?? '')).content).toEqual({ type: 'text', text });
    }
    expect((await scene.attention<Unhandled>('unhandled')).filter(({ code }) => code === 'item.failed')).toEqual([]);
  });

  it('with a name that PostgreSQL has no place for let the message through', async () => {
    const customer = scene.customer({ name: 'Nul\u0000 and \ud83d half' });
    const event = await scene.write(customer, 'hi');
    expect(event.contact.name).toBe('Nul\ufffd and \ufffd half');
    expect(event.variables['from']).toBe('Nul\ufffd and \ufffd half');
    expect(event.message?.text).toBe('hi');
  });
});
