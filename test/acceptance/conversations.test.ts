import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Customer } from '../../src/simulator/simulator.js';
import { eventually } from '../support/patchbay.js';
import { type MessageView, Scene } from '../support/scene.js';
import { WORLD } from '../support/stage.js';

interface DialogView {
  readonly id: string;
  readonly contact: { readonly id: string; readonly phone?: string; readonly userId?: string };
  readonly variables: Readonly<Record<string, string>>;
  readonly window: { readonly state: string; readonly expiresAt?: string };
  readonly bot: { readonly paused: boolean; readonly reason?: string; readonly until?: string };
  readonly assignee?: { readonly to: string; readonly since: string; readonly until?: string };
}

let scene: Scene;
let nextId = 0;
beforeAll(async () => {
  scene = await Scene.open();
});
afterAll(() => scene.close());

const newUserId = (): string => `US.${String((nextId += 1)).padStart(20, '7')}`;
const dialogOf = async (id: string): Promise<DialogView> => (await scene.get<DialogView>(`/dialogs/${id}`)).body;
const historyOf = async (id: string): Promise<readonly MessageView[]> =>
  (await scene.get<{ items: MessageView[] }>(`/dialogs/${id}/messages`)).body.items;

/** The message with this id of the network, once it is in the dialog. */
const inHistory = (dialog: string, providerId: string): Promise<MessageView> =>
  eventually('the message in the history', async () =>
    (await historyOf(dialog)).find((message) => message.providerId === providerId),
  );

const heardOf = (wamid: string): boolean =>
  scene.stage.bot.events.some(({ type, message }) => type === 'message.received' && message?.providerId === wamid);

/** Written, in the history, and kept from the bot: what somebody else wrote after it has reached the bot. */
async function writeUnheard(customer: Customer, dialog: string, text: string, field?: 'standby'): Promise<MessageView> {
  const wamid = customer.write(WORLD.phoneNumberId, text, field);
  const message = await inHistory(dialog, wamid);
  await scene.write(scene.customer(), 'meanwhile');
  expect(heardOf(wamid)).toBe(false);
  return message;
}

/** The dialog, once its bot is as wanted. */
const untilBot = (dialog: string, fits: (bot: DialogView['bot']) => boolean): Promise<DialogView> =>
  eventually('the bot of the dialog', async () => {
    const view = await dialogOf(dialog);
    return fits(view.bot) && view;
  });

describe('a person who changes their number', () => {
  it('stays the same contact in the same dialog with the same window, and is answered at the new one', async () => {
    const customer = scene.customer({ userId: newUserId(), name: 'Ann' });
    const [oldPhone, phone, userId] = [customer.phone, scene.newPhone(), newUserId()];
    const before = await scene.write(customer, 'hi');
    const { event } = await scene.hear(customer.changeNumber(WORLD.phoneNumberId, { phone, userId }));
    expect(event.message?.content).toMatchObject({ type: 'system', event: 'user_changed_number', phone, userId });
    expect(event.contact).toMatchObject({ id: before.contact.id, phone: `+${phone}`, userId });
    expect(event.variables['user']).toBe(phone);
    expect(event.dialog).toMatchObject({ id: before.dialog.id, window: before.dialog.window });
    const after = await scene.write(customer, 'from my new number');
    expect(after).toMatchObject({ contact: { id: before.contact.id }, dialog: { id: before.dialog.id } });
    const sent = await scene.send(phone, 'noted');
    expect(sent.dialog).toBe(before.dialog.id);
    expect(await customer.nextMessage()).toMatchObject({ text: 'noted', phone });
    // Whoever gets the old number is somebody else.
    const stranger = await scene.write(scene.stage.sim.customer(oldPhone, { name: 'Bob' }), 'new here');
    expect(stranger.contact.id).not.toBe(before.contact.id);
  });

  it('whose new id is not told yet is known by the next one that comes with the new number', async () => {
    const customer = scene.customer({ userId: newUserId() });
    const before = await scene.write(customer, 'hi');
    const phone = scene.newPhone();
    await scene.hear(customer.changeNumber(WORLD.phoneNumberId, { phone }));
    const userId = newUserId();
    scene.stage.sim.customer({ phone, userId });
    const after = await scene.write(customer, 'with my new id');
    expect(after.contact).toMatchObject({ id: before.contact.id, phone: `+${phone}`, userId });
    expect((await dialogOf(before.dialog.id)).contact.userId).toBe(userId);
  });

  it('to one that is somebody else’s here already is not made one with them', async () => {
    const { sim } = scene.stage;
    const other = await scene.write(
      sim.customer({ phone: scene.newPhone(), userId: newUserId(), name: 'Other' }),
      'me',
    );
    const customer = scene.customer({ userId: newUserId(), name: 'Mover' });
    const before = await scene.write(customer, 'hi');
    const taken = (other.contact.phone ?? '').slice(1);
    const wamid = customer.write(WORLD.phoneNumberId, {
      type: 'system',
      system: { type: 'user_changed_number', body: 'changed', wa_id: taken },
    });
    const { event } = await scene.hear(wamid);
    expect(event.contact.id).toBe(before.contact.id);
    expect(event.contact.phone).toBeUndefined();
    expect((await dialogOf(other.dialog.id)).contact).toMatchObject({ id: other.contact.id, phone: `+${taken}` });
    expect((await dialogOf(before.dialog.id)).contact).toEqual({
      id: before.contact.id,
      name: 'Mover',
      userId: customer.userId,
    });
  });

  it('known by the user id alone goes by the new one, also when the notice comes twice', async () => {
    const userId = newUserId();
    const customer = scene.stage.sim.customer({ userId, name: 'Ida' });
    const before = await scene.write(customer, 'hi');
    scene.stage.sim.faults.add({ match: { field: 'messages', times: 1 }, do: { duplicate: 2 } });
    const next = newUserId();
    const { event } = await scene.hear(customer.changeNumber(WORLD.phoneNumberId, { userId: next }));
    expect(event.message?.content).toMatchObject({
      event: 'user_changed_user_id',
      userId: next,
      previousUserId: userId,
    });
    const after = await scene.write(customer, 'again');
    expect(after.contact).toEqual({ id: before.contact.id, name: 'Ida', userId: next });
    expect(after.variables['user']).toBe(next);
    expect((await dialogOf(before.dialog.id)).contact.userId).toBe(next);
  });

  it('gets at the new one what was waiting for the old', async () => {
    const customer = scene.customer({ userId: newUserId() });
    await scene.write(customer, 'hi');
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const waiting = await scene.send(customer.phone, 'tomorrow', { sendAt });
    const phone = scene.newPhone();
    await scene.hear(customer.changeNumber(WORLD.phoneNumberId, { phone }));
    expect((await scene.message(waiting.id))['to']).toEqual({ phone: `+${phone}` });
  });
});

describe('what a human answers in the business app', () => {
  it('is in the history as theirs, gets its receipts, and the bot keeps quiet until it is let in again', async () => {
    const { sim, bot } = scene.stage;
    const customer = scene.customer();
    const first = await scene.write(customer, 'hi');
    const wamid = sim.echo(customer, 'I will take over');
    const echo = await inHistory(first.dialog.id, wamid);
    expect(echo).toMatchObject({
      direction: 'outbound',
      origin: 'human',
      by: 'app',
      text: 'I will take over',
      to: { phone: `+${customer.phone}` },
    });
    const delivered = await scene.until(echo.id, 'delivered');
    expect(delivered.timeline.map(({ status }) => status)).toEqual(['accepted', 'sent', 'delivered']);
    const told = await bot.waitFor(({ type, message }) => type === 'message.accepted' && message?.id === echo.id);
    expect(told.event.message).toMatchObject({ origin: 'human', text: 'I will take over' });

    const { bot: paused } = await dialogOf(first.dialog.id);
    expect(paused).toMatchObject({ paused: true, reason: 'human' });
    expect(Date.parse(paused.until ?? '')).toBeGreaterThan(Date.now() + 55 * 60_000);
    const unheard = await writeUnheard(customer, first.dialog.id, 'thank you');

    const resumed = await scene.stage.patchbay.call<DialogView>('PATCH', `/dialogs/${first.dialog.id}`, {
      body: { bot: 'resume' },
    });
    expect(resumed).toMatchObject({ status: 200, body: { bot: { paused: false } } });
    expect((await scene.write(customer, 'one more thing')).dialog.id).toBe(first.dialog.id);
    expect(heardOf(unheard.providerId ?? '')).toBe(false);
  });

  it('is told once, however often it comes, and speaks of earlier messages by our ids', async () => {
    const { sim } = scene.stage;
    const customer = scene.customer();
    const first = await scene.write(customer, 'hi');
    sim.faults.add({ match: { field: 'smb_message_echoes', times: 1 }, do: { duplicate: 2 } });
    const echo = await inHistory(first.dialog.id, sim.echo(customer, 'we open at nine'));
    const edit = {
      type: 'edit',
      edit: { original_message_id: echo.providerId, message: { type: 'text', text: { body: 'at ten' } } },
    };
    const edited = await inHistory(first.dialog.id, sim.echo(customer, edit));
    expect(edited.content).toEqual({ type: 'edit', messageId: echo.id, content: { type: 'text', text: 'at ten' } });
    const revoke = { type: 'revoke', revoke: { original_message_id: echo.providerId } };
    const revoked = await inHistory(first.dialog.id, sim.echo(customer, revoke));
    expect(revoked).toMatchObject({ origin: 'human', content: { type: 'revoke', messageId: echo.id } });
    expect(await historyOf(first.dialog.id)).toHaveLength(4);
  });

  it('drops what the bot was just about to say', async () => {
    const { sim } = scene.stage;
    const customer = scene.customer();
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    scene.answerTo(customer, ({ event: { type } }) =>
      type === 'message.received'
        ? { after: held, body: { replies: [{ type: 'text', text: 'I am a bot' }] } }
        : undefined,
    );
    const first = await scene.write(customer, 'hi');
    await inHistory(first.dialog.id, sim.echo(customer, 'I am human'));
    answer();
    await writeUnheard(customer, first.dialog.id, 'good');
    expect((await historyOf(first.dialog.id)).map(({ text }) => text)).toEqual(['good', 'I am human', 'hi']);
  });

  it('opens no window, and is a dialog of its own where there was none', async () => {
    const customer = scene.customer();
    const wamid = scene.stage.sim.echo(customer, 'hello from the shop', { by: 'integration' });
    const found = await eventually('the echo', async () => {
      const { body } = await scene.get<{ items: MessageView[] }>(`/messages?providerId=${encodeURIComponent(wamid)}`);
      return body.items[0];
    });
    expect(found).toMatchObject({ origin: 'human', by: 'integration' });
    expect(await dialogOf(found.dialog)).toMatchObject({ window: { state: 'unknown' }, bot: { paused: true } });
  });
});

describe('a dialog that an operator took over', () => {
  const assign = (dialog: string, body: object) =>
    scene.stage.patchbay.call<DialogView & { code?: string }>('POST', `/dialogs/${dialog}/assign`, { body });
  const release = (dialog: string) => scene.stage.patchbay.call<DialogView>('POST', `/dialogs/${dialog}/release`);

  it('is theirs: the bot is not told and drops what it was about to say, what they send is by a human, until they let go', async () => {
    const { bot, patchbay } = scene.stage;
    const customer = scene.customer();
    let answer = (): void => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    scene.answerTo(customer, ({ event }) =>
      event.message?.text === 'hi' && event.type === 'message.received'
        ? { after: held, body: { replies: [{ type: 'text', text: 'I am a bot' }] } }
        : undefined,
    );
    const first = await scene.write(customer, 'hi');
    const dialog = first.dialog.id;
    const taken = await assign(dialog, { to: 'Ann' });
    expect(taken).toMatchObject({
      status: 200,
      body: {
        id: dialog,
        assignee: { to: 'Ann', since: expect.any(String) },
        bot: { paused: true, reason: 'operator' },
      },
    });
    expect(taken.body.bot).not.toHaveProperty('until');
    answer();
    const unheard = await writeUnheard(customer, dialog, 'is anybody there?');
    const sent = await patchbay.call<MessageView>('POST', `/dialogs/${dialog}/messages`, {
      body: { content: { type: 'text', text: 'Ann here' } },
    });
    expect(sent.status).toBe(202);
    const delivered = await scene.until(sent.body.id, 'delivered');
    expect(delivered).toMatchObject({ origin: 'human', operator: 'Ann' });
    expect(delivered.timeline[0]).toMatchObject({ status: 'queued' });
    expect((await assign(dialog, { to: 'Bob' })).body.assignee?.to).toBe('Bob');

    expect(await release(dialog)).toMatchObject({ status: 200, body: { bot: { paused: false } } });
    expect(await dialogOf(dialog)).not.toHaveProperty('assignee');
    expect((await scene.write(customer, 'thanks')).dialog).toMatchObject({ id: dialog });
    expect(heardOf(unheard.providerId ?? '')).toBe(false);
    // Nor of what became of the operator's message: whatever it is told, it could answer.
    expect(bot.events.filter(({ message }) => message?.id === sent.body.id)).toEqual([]);
    expect((await historyOf(dialog)).map(({ text }) => text)).not.toContain('I am a bot');
    const after = await patchbay.call<MessageView>('POST', `/dialogs/${dialog}/messages`, {
      body: { content: { type: 'text', text: 'by the API' } },
    });
    expect((await scene.message(after.body.id))['origin']).toBe('api');
  });

  it('for a time is the bot’s again by itself; null releases it; a closed one cannot be taken', async () => {
    const customer = scene.customer();
    const { dialog } = await scene.write(customer, 'hi');
    const until = new Date(Date.now() + 60_000).toISOString();
    expect((await assign(dialog.id, { to: 'Ann', until })).body).toMatchObject({
      assignee: { until },
      bot: { paused: true, reason: 'operator', until },
    });
    expect((await assign(dialog.id, { to: null })).body.bot).toEqual({ paused: false });
    const soon = new Date(Date.now() + 1_500).toISOString();
    await assign(dialog.id, { to: 'Ann', until: soon });
    await untilBot(dialog.id, ({ paused }) => !paused);
    await scene.write(customer, 'after that');
    const refused = await assign(dialog.id, { to: 'Ann', until: '2020-01-01T00:00:00Z' });
    expect([refused.status, refused.text]).toEqual([400, expect.stringMatching(/until must lie in the future/)]);
    for (const body of [{}, { to: '' }, { to: 7 }, { to: 'Ann', until: 'later' }])
      expect([body, (await assign(dialog.id, body)).status]).toEqual([body, 400]);
    await scene.stage.patchbay.call('PATCH', `/dialogs/${dialog.id}`, { body: { close: true } });
    expect(await assign(dialog.id, { to: 'Ann' })).toMatchObject({ status: 409, body: { code: 'dialog.closed' } });
  });
});

describe('a conversation that another responder owns', () => {
  it('is never the bot’s to answer: a copy is in the history, and the next message that comes to us is ours', async () => {
    const customer = scene.customer();
    const first = await scene.write(customer, 'hi');
    const copy = await writeUnheard(customer, first.dialog.id, 'are you there?', 'standby');
    expect(copy).toMatchObject({ direction: 'inbound', standby: true, text: 'are you there?' });
    expect((await dialogOf(first.dialog.id)).bot).toEqual({ paused: true, reason: 'standby' });
    // Networks stamp whole seconds, and what shares one with the copy is taken for theirs.
    const later = String(Math.floor(Date.now() / 1_000) + 2);
    await scene.write(customer, { type: 'text', text: { body: 'back with you' }, timestamp: later });
    expect((await dialogOf(first.dialog.id)).bot).toEqual({ paused: false });
  });

  it('is taken and passed back by handovers, which the dialog shows', async () => {
    const { sim } = scene.stage;
    const customer = scene.customer();
    const first = await scene.write(customer, 'hi');
    sim.handover(customer, {
      type: 'control_taken',
      previousOwner: 'partner',
      newOwner: 'escalation',
      metadata: 'ticket 7',
    });
    await untilBot(first.dialog.id, ({ reason }) => reason === 'standby');
    const [taken] = await historyOf(first.dialog.id);
    expect(taken?.content).toMatchObject({
      type: 'system',
      event: 'control_taken',
      owner: 'other',
      metadata: 'ticket 7',
    });
    await writeUnheard(customer, first.dialog.id, 'to the other one');
    await writeUnheard(customer, first.dialog.id, 'to the other one again', 'standby');

    sim.handover(customer, { type: 'control_passed', newOwner: 'partner', summary: 'Asked for the opening hours' });
    const back = await scene.stage.bot.waitFor(
      ({ dialog, message }) => dialog?.id === first.dialog.id && message?.content?.['event'] === 'control_passed',
    );
    expect(back.event.message?.content).toMatchObject({
      owner: 'us',
      context: { summary: { text: 'Asked for the opening hours' } },
    });
    expect((await dialogOf(first.dialog.id)).bot).toEqual({ paused: false });
    await scene.write(customer, 'hello again');
  });

  it('says so when we write into it all the same', async () => {
    const customer = scene.customer();
    await scene.write(customer, 'hi');
    scene.stage.sim.faults.add({ match: { to: customer.phone, times: 1 }, do: { error: { code: 131070 } } });
    const sent = await scene.send(customer.phone, 'hello');
    const failed = await scene.until(sent.id, 'failed');
    expect(failed.error).toMatchObject({ code: 'dialog.not_owner', title: 'Another responder owns this conversation' });
  });
});

describe('news of accounts', () => {
  const news = (topic: string) =>
    scene.stage.bot.waitForNews(
      ({ news: told }) => (told as { topic: string }[] | undefined)?.some((one) => one.topic === topic) ?? false,
    );
  const account = async () =>
    (await scene.get<Record<string, unknown> & { group: { news?: object[] } }>(`/accounts/${WORLD.phoneNumberId}`))
      .body;

  it('of a number are one event, and stay on the account through the next setup', async () => {
    scene.stage.sim.emitSample('security', WORLD.wabaId);
    const event = await news('security');
    expect(event).toMatchObject({
      type: 'account.updated',
      account: { id: WORLD.phoneNumberId },
      news: [{ topic: 'security', event: 'PIN_CHANGED', value: { event: 'PIN_CHANGED' } }],
    });
    await scene.stage.patchbay.command(scene.stage.uri, 'whatsapp=setup');
    expect((await account())['news']).toMatchObject([{ topic: 'security', value: { event: 'PIN_CHANGED' } }]);
  });

  it('of a whole account are one event of the gateway, told once', async () => {
    const { sim, bot } = scene.stage;
    const restriction = {
      event: 'ACCOUNT_RESTRICTION',
      restriction_info: [{ restriction_type: 'RESTRICTED_BIZ_INITIATED_MESSAGING', expiration: 1_900_000_000 }],
    };
    sim.faults.add({ match: { field: 'account_update', times: 1 }, do: { duplicate: 2 } });
    sim.emit('account_update', WORLD.wabaId, restriction);
    expect(await news('account_update')).toMatchObject({
      type: 'gateway.updated',
      change: 'account_group',
      group: { id: WORLD.wabaId },
      news: [{ event: 'ACCOUNT_RESTRICTION', value: restriction }],
    });
    sim.emitSample('account_review_update', WORLD.wabaId);
    await news('account_review_update');
    const topics = bot.news.flatMap(({ news: told }) => (told as { topic: string }[] | undefined) ?? []);
    expect(topics.filter(({ topic }) => topic === 'account_update')).toHaveLength(1);
    expect((await account()).group.news).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ topic: 'account_update:ACCOUNT_RESTRICTION', value: restriction }),
      ]),
    );
  });

  it('that nobody uses are counted, and want no attention', async () => {
    scene.stage.sim.emitSample('calls', WORLD.wabaId);
    await eventually('the count', async () =>
      (await scene.stage.patchbay.call('GET', '//metrics', { key: null })).text.includes(
        'patchbay_unused_updates_total{gateway="acme",kind="calls"} 1',
      ),
    );
    expect(await scene.attention('unhandled')).toEqual([]);
  });

  it('name what a number belongs to in the new account model, kept once', async () => {
    const metadata = { display_phone_number: '15550783881', phone_number_id: WORLD.phoneNumberId };
    const value = (id: string) => ({
      messaging_product: 'whatsapp',
      metadata: { ...metadata, messaging_account_id: WORLD.wabaId, waac_id: '556677' },
      messages: [
        {
          id,
          from: scene.newPhone(),
          timestamp: String(Math.floor(Date.now() / 1_000)),
          type: 'text',
          text: { body: id },
        },
      ],
    });
    scene.stage.sim.emit('messages', WORLD.wabaId, value('wamid.model1'));
    scene.stage.sim.emit('messages', WORLD.wabaId, value('wamid.model2'));
    await Promise.all([scene.hear('wamid.model1'), scene.hear('wamid.model2')]);
    await news('account_model');
    expect((await account())['news']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          topic: 'account_model',
          value: { messaging_account_id: WORLD.wabaId, waac_id: '556677' },
        }),
      ]),
    );
    const told = scene.stage.bot.news.filter(({ news: list }) => JSON.stringify(list ?? []).includes('account_model'));
    expect(told).toHaveLength(1);
  });
});
