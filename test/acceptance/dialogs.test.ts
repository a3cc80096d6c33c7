import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/patchbay.js';
import { type ListView, Scene, SECOND_NUMBER, TWO_NUMBERS } from '../support/scene.js';
import { WORLD } from '../support/stage.js';

interface DialogView {
  readonly id: string;
  readonly status: string;
  readonly account: { readonly id: string };
  readonly contact: { readonly id: string; readonly phone: string };
  readonly variables: Readonly<Record<string, string>>;
  readonly window: { readonly state: string; readonly expiresAt?: string };
}

const DAY_MS = 24 * 60 * 60_000;

describe('dialogs', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open({ simulator: { world: TWO_NUMBERS } });
  });

  afterAll(() => scene.close());

  const read = async (id: string): Promise<DialogView> => (await scene.get<DialogView>(`/dialogs/${id}`)).body;
  const change = (id: string, body: object) =>
    scene.stage.patchbay.call<DialogView>('PATCH', `/dialogs/${id}`, { body });

  it('are one per account and contact: what a customer writes to one number stays together', async () => {
    const customer = scene.customer();
    const first = await scene.write(customer, 'one');
    const second = await scene.write(customer, 'two');
    expect(first.dialog.isNew).toBe(true);
    expect(second.dialog).toMatchObject({ id: first.dialog.id, isNew: false, startedAt: first.dialog.startedAt });
    expect(second.contact.id).toBe(first.contact.id);
  });

  it('follow the number that the customer wrote to: another number is another dialog with its own variables', async () => {
    const customer = scene.customer({ name: 'Sheena' });
    const first = await scene.write(customer, 'to support');
    const second = await scene.write(customer, 'to sales', SECOND_NUMBER.id);
    expect(second.dialog.id).not.toBe(first.dialog.id);
    expect(second.dialog.isNew).toBe(true);
    expect(second.contact.id).toBe(first.contact.id);
    expect(first.variables).toEqual({
      chat: 'whatsapp',
      user: customer.phone,
      from: 'Sheena',
      'whatsapp.business': WORLD.wabaId,
      'whatsapp.account': WORLD.phoneNumberId,
      'whatsapp.number': '15550783881',
    });
    expect(second.variables).toEqual({
      ...first.variables,
      'whatsapp.account': SECOND_NUMBER.id,
      'whatsapp.number': SECOND_NUMBER.display,
    });
    expect(second.account).toEqual({ id: SECOND_NUMBER.id, name: 'Acme Sales' });
    const again = await scene.write(customer, 'to support again');
    expect(again.dialog.id).toBe(first.dialog.id);
    expect(again.variables['whatsapp.number']).toBe('15550783881');
  });

  it('are shown with their window: open for 24 h after the customer’s last message', async () => {
    const event = await scene.write(scene.customer(), 'hi');
    const dialog = await read(event.dialog.id);
    expect(dialog).toMatchObject({
      id: event.dialog.id,
      status: 'open',
      account: { id: WORLD.phoneNumberId },
      contact: { id: event.contact.id, phone: event.contact.phone },
      variables: event.variables,
      window: { state: 'open', expiresAt: event.dialog.window.expiresAt },
    });
    const sentAt = Date.parse(event.message?.['sentAt'] as string);
    expect(Date.parse(dialog.window.expiresAt ?? '')).toBe(sentAt + DAY_MS);
  });

  it('show a window that has closed, with the time at which it did', async () => {
    const wroteAt = Math.floor(Date.now() / 1_000) - 26 * 3_600;
    const event = await scene.write(scene.customer(), {
      type: 'text',
      text: { body: 'long ago' },
      timestamp: String(wroteAt),
    });
    const closed = { state: 'closed', expiresAt: new Date(wroteAt * 1_000 + DAY_MS).toISOString() };
    expect(event.dialog.window).toEqual(closed);
    expect((await read(event.dialog.id)).window).toEqual(closed);
  });

  it('are listed newest first, page by page, each as its own GET gives it', async () => {
    const older = await scene.write(scene.customer(), 'older');
    const newer = await scene.write(scene.customer(), 'newer');
    const first = (await scene.get<ListView<DialogView>>('/dialogs?limit=1')).body;
    expect(first.items).toEqual([await read(newer.dialog.id)]);
    const second = (await scene.get<ListView<DialogView>>(`/dialogs?limit=1&cursor=${first.next}`)).body;
    expect(second.items).toEqual([await read(older.dialog.id)]);
  });

  it('keep their history in both directions, newest first', async () => {
    const customer = scene.customer();
    const event = await scene.write(customer, 'question');
    const { body: sent } = await scene.stage.patchbay.call<{ id: string }>(
      'POST',
      `/dialogs/${event.dialog.id}/messages`,
      {
        body: { content: { type: 'text', text: 'answer' } },
      },
    );
    await scene.until(sent.id, 'delivered');
    const { body } = await scene.get<ListView<Record<string, unknown>>>(`/dialogs/${event.dialog.id}/messages`);
    expect(body.items).toEqual([await scene.message(sent.id), await scene.message(event.message?.id ?? '')]);
    expect(body.items).toMatchObject([
      { direction: 'outbound', text: 'answer' },
      { direction: 'inbound', status: 'received', text: 'question' },
    ]);
    const page = await scene.get<ListView<Record<string, unknown>>>(`/dialogs/${event.dialog.id}/messages?limit=1`);
    const rest = await scene.get<ListView<Record<string, unknown>>>(
      `/dialogs/${event.dialog.id}/messages?limit=1&cursor=${page.body.next}`,
    );
    expect([...page.body.items, ...rest.body.items]).toEqual(body.items);
    expect(rest.body.next).toBeNull();
  });

  it('answer from the number that the customer wrote to', async () => {
    const customer = scene.customer();
    const event = await scene.write(customer, 'to sales', SECOND_NUMBER.id);
    const answer = await scene.stage.patchbay.call('POST', `/dialogs/${event.dialog.id}/messages`, {
      body: { content: { type: 'text', text: 'from sales' } },
    });
    expect(answer).toMatchObject({ status: 202, body: { dialog: event.dialog.id } });
    expect(await customer.nextMessage()).toMatchObject({ text: 'from sales', phoneNumberId: SECOND_NUMBER.id });
  });

  it('carry the variables that an operator sets on every event from then on, and never lose the channel’s own', async () => {
    const customer = scene.customer();
    const event = await scene.write(customer, 'hi');
    const { status, body } = await change(event.dialog.id, {
      variables: { plan: 'gold', gone: 'soon', 'whatsapp.number': 'forged' },
    });
    expect(status).toBe(200);
    expect(body.variables).toMatchObject({ plan: 'gold', gone: 'soon', 'whatsapp.number': '15550783881' });
    await change(event.dialog.id, { variables: { gone: '' } });
    const next = await scene.write(customer, 'again');
    expect(next.variables).toEqual({ ...event.variables, plan: 'gold' });
  });

  it('end when they are closed: the next message opens a new one, with a new id, isNew and no old variables', async () => {
    const customer = scene.customer();
    const { bot } = scene.stage;
    const event = await scene.write(customer, 'hi');
    await change(event.dialog.id, { variables: { plan: 'gold' } });
    const closed = await change(event.dialog.id, { close: true });
    expect(closed.body).toMatchObject({ id: event.dialog.id, status: 'closed' });
    await bot.waitFor(({ type, dialog }) => type === 'dialog.closed' && dialog.id === event.dialog.id);

    const next = await scene.write(customer, 'hi again');
    expect(next.dialog.id).not.toBe(event.dialog.id);
    expect(next.dialog.isNew).toBe(true);
    expect(next.contact.id).toBe(event.contact.id);
    expect(next.variables).toEqual(event.variables);
    const opened = bot.events.filter(
      ({ type, contact }) => type === 'dialog.opened' && contact.id === event.contact.id,
    );
    expect(opened.map(({ dialog }) => dialog.id)).toEqual([event.dialog.id, next.dialog.id]);
    expect((await scene.history(event.dialog.id)).map(({ text }) => text)).toEqual(['hi']);
    expect((await scene.history(next.dialog.id)).map(({ text }) => text)).toEqual(['hi again']);
  });

  it('are closed once: closing a closed dialog tells nobody anything', async () => {
    const customer = scene.customer();
    const event = await scene.write(customer, 'hi');
    await change(event.dialog.id, { close: true });
    expect((await change(event.dialog.id, { close: true })).status).toBe(200);
    await scene.write(customer, 'again');
    const closings = scene.stage.bot.events.filter(
      ({ type, dialog }) => type === 'dialog.closed' && dialog.id === event.dialog.id,
    );
    expect(closings).toHaveLength(1);
  });

  it('keep the order across an end: what was said in the old one reaches the bot before anything of the new one', async () => {
    const customer = scene.customer();
    const { bot } = scene.stage;
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    scene.answerTo(customer, ({ event }) => (event.message?.text === 'first' ? { after: held } : undefined));
    const first = await scene.write(customer, 'first');
    customer.write(WORLD.phoneNumberId, 'second');
    await eventually(
      'the second to be in the old dialog',
      async () => (await scene.history(first.dialog.id)).length === 2,
    );
    await change(first.dialog.id, { close: true });
    const last = scene.hear(customer.write(WORLD.phoneNumberId, 'third'));
    release();
    await last;
    const heard = bot.events.filter(({ contact }) => contact.id === first.contact.id);
    expect(heard.map(({ type, message }) => message?.text ?? type)).toEqual([
      'dialog.opened',
      'first',
      'second',
      'dialog.closed',
      'dialog.opened',
      'third',
    ]);
    const ids = heard.map(({ dialog }) => dialog.id);
    expect(new Set(ids.slice(0, 4))).toEqual(new Set([first.dialog.id]));
    expect(new Set(ids.slice(4)).size).toBe(1);
    expect(ids[4]).not.toBe(first.dialog.id);
  });

  it('keep the order of what leaves across an end: the old one’s messages go before the new one’s', async () => {
    const customer = scene.customer();
    const event = await scene.write(customer, 'hi');
    scene.stage.sim.faults.add({ match: { to: customer.phone, times: 1 }, do: { error: { code: 130429 } } });
    await scene.send(customer.phone, 'from the old dialog', { account: WORLD.phoneNumberId });
    await change(event.dialog.id, { close: true });
    const later = await scene.send(customer.phone, 'from the new dialog', { account: WORLD.phoneNumberId });
    expect(later.dialog).not.toBe(event.dialog.id);
    await scene.until(later.id, 'delivered');
    expect(customer.received.map(({ text }) => text)).toEqual(['from the old dialog', 'from the new dialog']);
  });

  it('end with the customer’s word: it is the last of the old one, and what they write next begins a new one', async () => {
    const { bot, patchbay } = scene.stage;
    const customer = scene.customer();
    const first = await scene.write(customer, 'please close it');
    expect((await read(first.dialog.id)).status).toBe('open');
    const word = await scene.write(customer, ' /Close ');
    const closed = await bot.waitFor(({ type, dialog }) => type === 'dialog.closed' && dialog.id === first.dialog.id);
    expect(closed.event).toMatchObject({ reason: 'customer', dialog: { closeReason: 'customer' } });
    expect(word.dialog.id).toBe(first.dialog.id);
    expect(await read(first.dialog.id)).toMatchObject({ status: 'closed', closeReason: 'customer' });
    const next = await scene.write(customer, 'hi again');
    expect(next.dialog).toMatchObject({ isNew: true });
    expect(next.dialog.id).not.toBe(first.dialog.id);
    // By whom it was closed is told of other ends too.
    await change(next.dialog.id, { close: true });
    const byUs = await bot.waitFor(({ type, dialog }) => type === 'dialog.closed' && dialog.id === next.dialog.id);
    expect(byUs.event).toMatchObject({ reason: 'api' });

    // The words are the gateway's.
    const set = (close_words: string) =>
      patchbay.call('PATCH', `/gateways/${scene.stage.uri}`, { body: { metadata: { close_words } } });
    expect((await set('bye, tschüss')).status).toBe(200);
    const third = await scene.write(customer, '/close');
    await scene.write(customer, 'TSCHÜSS');
    await bot.waitFor(({ type, dialog }) => type === 'dialog.closed' && dialog.id === third.dialog.id);
    const odd = await patchbay.call('PATCH', `/gateways/${scene.stage.uri}`, {
      body: { metadata: { idle_minutes: 'soon' } },
    });
    expect([odd.status, odd.text]).toEqual([400, expect.stringMatching(/idle_minutes.*whole number of minutes/)]);
    expect((await set('/close')).status).toBe(200);
  });

  it('that do not exist are 404 in every operation', async () => {
    const { patchbay } = scene.stage;
    const id = '01920000-0000-7000-8000-000000000000';
    const answers = [
      await patchbay.call('GET', `/dialogs/${id}`),
      await patchbay.call('GET', '/dialogs/nonsense'),
      await patchbay.call('GET', `/dialogs/${id}/messages`),
      await patchbay.call('POST', `/dialogs/${id}/messages`, { body: { content: { type: 'text', text: 'x' } } }),
      await patchbay.call('PATCH', `/dialogs/${id}`, { body: { close: true } }),
      await patchbay.call('POST', `/dialogs/${id}/assign`, { body: { to: 'Ann' } }),
      await patchbay.call('POST', `/dialogs/${id}/release`),
    ];
    for (const { status, headers, body } of answers) {
      expect(status).toBe(404);
      expect(headers.get('content-type')).toContain('application/problem+json');
      expect(body).toMatchObject({ status: 404, code: 'dialog.not_found' });
    }
  });
});
