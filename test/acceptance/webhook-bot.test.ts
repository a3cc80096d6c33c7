import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { type BotCall, type BotReply, TestBot } from '../support/bot.js';
import { eventually } from '../support/patchbay.js';
import { type MessageView, Scene, SECOND_NUMBER, TWO_NUMBERS } from '../support/scene.js';
import { WORLD } from '../support/stage.js';

interface Parked {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly type: string;
  readonly reason: string;
  readonly event: { readonly message?: { readonly id: string } };
}

/** Answers with replies to what the customer wrote, and with nothing to everything else. */
function replying(...replies: readonly object[]): (call: BotCall) => BotReply | undefined {
  return ({ event }) => (event.type === 'message.received' ? { body: { replies } } : undefined);
}

const text = (words: string): object => ({ type: 'text', text: words });

describe('the webhook bot', () => {
  let scene: Scene;
  let secret: string;

  beforeAll(async () => {
    scene = await Scene.open({ simulator: { world: TWO_NUMBERS } }, { bot: { timeoutSeconds: 2 } });
    secret = (scene.gateway['bot'] as { secret: string }).secret;
  });

  afterAll(() => scene.close());

  const callsOf = (eventId: string): BotCall[] => scene.stage.bot.calls.filter(({ event }) => event.id === eventId);
  const heardOf = (contactId: string): (string | undefined)[] =>
    scene.stage.bot.events
      .filter(({ type, contact }) => type === 'message.received' && contact.id === contactId)
      .map(({ message }) => message?.text);
  const failsFirst = (failures: number, failure: BotReply, then: (call: BotCall) => BotReply | undefined) => {
    let seen = 0;
    return (call: BotCall): BotReply | undefined => {
      if (call.event.type !== 'message.received') return undefined;
      seen += 1;
      return seen <= failures ? failure : then(call);
    };
  };

  it('is called as Standard Webhooks says: a library verifies the signature, and a changed body fails', async () => {
    const { raw, headers, event } = await scene.hear(scene.customer().write(WORLD.phoneNumberId, 'hi'));
    const given = headers as Record<string, string>;
    expect(new Webhook(secret).verify(raw, given)).toEqual(event);
    expect(() => new Webhook(secret).verify(raw.replace('"hi"', '"ho"'), given)).toThrow();
    expect(headers['webhook-id']).toBe(event.id);
    expect(event.id).toMatch(/^evt_/);
    expect(headers['content-type']).toContain('application/json');
    expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1_000)).toBeLessThan(60);
  });

  it('replies in the order in which it said so', async () => {
    const customer = scene.customer();
    scene.answerTo(customer, replying(text('one'), text('two'), text('three')));
    const event = await scene.write(customer, 'hi');
    const received = [await customer.nextMessage(), await customer.nextMessage(), await customer.nextMessage()];
    expect(received.map((message) => message.text)).toEqual(['one', 'two', 'three']);
    const history = await scene.history(event.dialog.id);
    expect(history.map((message) => message.text)).toEqual(['hi', 'one', 'two', 'three']);
  });

  it.each([
    ['answers 500', { status: 500 }],
    ['answers and cuts the connection', { drop: true }],
  ] as const)('is called again with the same webhook-id and a growing attempt when it %s', async (_name, failure) => {
    const customer = scene.customer();
    scene.answerTo(customer, failsFirst(2, failure, replying(text('at last'))));
    const { event } = await scene.hear(customer.write(WORLD.phoneNumberId, 'hi'));
    await customer.nextMessage();
    const calls = callsOf(event.id);
    expect(calls.map((call) => call.event.attempt)).toEqual([1, 2, 3]);
    expect(calls.map((call) => call.headers['webhook-id'])).toEqual([event.id, event.id, event.id]);
    for (const call of calls) new Webhook(secret).verify(call.raw, call.headers as Record<string, string>);
    expect(calls.map((call) => ({ ...call.event, attempt: 0, dialog: null }))).toEqual(
      Array.from({ length: 3 }, () => ({ ...event, attempt: 0, dialog: null })),
    );
  });

  it('is called again when it is silent for timeoutSeconds', async () => {
    const customer = scene.customer();
    let release = (): void => undefined;
    const silence = new Promise<void>((resolve) => (release = resolve));
    scene.answerTo(customer, failsFirst(1, { after: silence }, replying(text('woken'))));
    const { event } = await scene.hear(customer.write(WORLD.phoneNumberId, 'hi'));
    expect(await customer.nextMessage()).toMatchObject({ text: 'woken' });
    release();
    expect(callsOf(event.id).map((call) => call.event.attempt)).toEqual([1, 2]);
  });

  it('has its answer carried out once per event id, also when the event is delivered and answered twice', async () => {
    const customer = scene.customer();
    scene.answerTo(customer, replying(text('hello')));
    let lost = true;
    scene.answerTo(customer, (call) => {
      if (call.event.type !== 'message.received') return undefined;
      // The bot has done its part, but its first answer never arrives.
      const drop = lost;
      lost = false;
      return { body: { replies: [text('hello')] }, drop };
    });
    const event = await scene.write(customer, 'hi');
    await scene.stage.bot.waitFor(({ id, attempt }) => id === event.id && attempt === 2);
    await customer.nextMessage();
    await scene.write(customer, 'the end');
    await customer.nextMessage();
    expect(customer.received.map((message) => message.text)).toEqual(['hello', 'hello']);
    expect((await scene.history(event.dialog.id)).map((message) => message.text)).toEqual([
      'hi',
      'hello',
      'the end',
      'hello',
    ]);
  });

  it('hears the events of a dialog in order while the first one fails; other dialogs go on', async () => {
    const customer = scene.customer();
    let healthy = false;
    scene.answerTo(customer, ({ event }) =>
      event.type === 'message.received' && !healthy ? { status: 503 } : undefined,
    );
    const first = await scene.hear(customer.write(WORLD.phoneNumberId, 'first'));
    // In one request: of what is posted at the same moment and has the same second, nobody knows which was first.
    scene.stage.sim.faults.add({ match: { update: 'message', to: customer.phone, times: 2 }, do: { batch: 2 } });
    const second = customer.write(WORLD.phoneNumberId, 'second');
    const third = customer.write(WORLD.phoneNumberId, 'third');
    await eventually(
      'all three to be in the history',
      async () => (await scene.history(first.event.dialog.id)).length === 3,
    );
    await scene.write(scene.customer(), 'from elsewhere');
    await scene.stage.bot.waitFor(({ id, attempt }) => id === first.event.id && attempt === 2);
    expect(new Set(heardOf(first.event.contact.id))).toEqual(new Set(['first']));
    healthy = true;
    await Promise.all([scene.hear(second), scene.hear(third)]);
    const heard = heardOf(first.event.contact.id);
    expect(heard.slice(heard.indexOf('second') - 1)).toEqual(['first', 'second', 'third']);
  });

  it('is not called before the time it asked for with Retry-After', async () => {
    const customer = scene.customer();
    const times: number[] = [];
    scene.answerTo(customer, ({ event }) => {
      if (event.type !== 'message.received') return undefined;
      times.push(Date.now());
      return times.length === 1 ? { status: 429, headers: { 'retry-after': '4' } } : undefined;
    });
    const event = await scene.write(customer, 'hi');
    await scene.stage.bot.waitFor(({ id, attempt }) => id === event.id && attempt === 2);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(3_900);
  });

  it('may say something else than JSON, or nothing: a 2xx is a 2xx', async () => {
    const customer = scene.customer();
    scene.answerTo(customer, () => ({ status: 204 }));
    await scene.write(customer, 'hi');
    scene.answerTo(customer, () => ({ body: 'OK' }));
    await scene.write(customer, 'ho');
    scene.answerTo(customer, replying(text('now')));
    await scene.write(customer, 'and now?');
    expect(await customer.nextMessage()).toMatchObject({ text: 'now' });
  });

  it('learns of a refused reply by message.failed; the message is on record, and the next replies go on', async () => {
    const customer = scene.customer();
    scene.answerTo(
      customer,
      replying(text('before'), { type: 'text', text: 'x'.repeat(5_000) }, { type: 'nonsense' }, text('after')),
    );
    const event = await scene.write(customer, 'hi');
    expect(await customer.nextMessage()).toMatchObject({ text: 'before' });
    expect(await customer.nextMessage()).toMatchObject({ text: 'after' });
    const history = await eventually('four replies', async () => {
      const all = await scene.history(event.dialog.id);
      return all.filter(({ direction }) => direction === 'outbound').length === 4 && all.slice(1);
    });
    expect(history[1]).toMatchObject({ status: 'failed', content: { type: 'text' } });
    expect(history[1]?.error?.detail).toMatch(/4,?096/);
    expect(history[2]).toMatchObject({ status: 'failed', error: { code: 'content.invalid' } });
    for (const failed of history.slice(1, 3)) {
      const call = await scene.stage.bot.waitFor(
        ({ type, message }) => type === 'message.failed' && message?.id === failed.id,
      );
      expect(call.event.message).toMatchObject({ status: 'failed', error: { code: failed.error?.code } });
    }
  });

  it('sets variables that are there on the next event of the dialog', async () => {
    const customer = scene.customer();
    scene.answerTo(customer, () => ({ body: { variables: { step: 'two', 'whatsapp.number': 'forged' } } }));
    const first = await scene.write(customer, 'hi');
    const second = await eventually('the variable', async () => {
      const { body } = await scene.get<{ variables: object }>(`/dialogs/${first.dialog.id}`);
      return 'step' in body.variables && (await scene.write(customer, 'again'));
    });
    expect(second.variables).toEqual({ ...first.variables, step: 'two' });
  });

  it('closes the dialog with close:true after its replies have been taken, and hears dialog.closed', async () => {
    const customer = scene.customer();
    scene.answerTo(customer, ({ event }) =>
      event.type === 'message.received' ? { body: { replies: [text('bye')], close: true } } : undefined,
    );
    const event = await scene.write(customer, 'hi');
    await scene.stage.bot.waitFor(({ type, dialog }) => type === 'dialog.closed' && dialog.id === event.dialog.id);
    expect(await customer.nextMessage()).toMatchObject({ text: 'bye' });
    expect((await scene.get(`/dialogs/${event.dialog.id}`)).body).toMatchObject({ status: 'closed' });
    expect((await scene.history(event.dialog.id)).map((message) => message.text)).toEqual(['hi', 'bye']);
    const next = await scene.write(customer, 'me again');
    expect(next.dialog).toMatchObject({ isNew: true });
    expect(next.dialog.id).not.toBe(event.dialog.id);
  });

  it('hears of every step of its messages when it asked for all events', async () => {
    const customer = scene.customer();
    await scene.write(customer, 'hi');
    const sent = await scene.send(customer.phone, 'hello', {
      account: WORLD.phoneNumberId,
      metadata: { orderId: '42' },
    });
    await scene.stage.bot.waitFor(({ type, message }) => type === 'message.delivered' && message?.id === sent.id);
    const steps = scene.stage.bot.events.filter(
      ({ type, message }) => type.startsWith('message.') && message?.id === sent.id,
    );
    expect(new Set(steps.map(({ type }) => type))).toEqual(
      new Set(['message.accepted', 'message.sent', 'message.delivered']),
    );
    const { providerId } = await scene.message(sent.id);
    for (const { type, message, dialog } of steps) {
      expect(message).toMatchObject({ id: sent.id, status: type.slice(8), providerId, metadata: { orderId: '42' } });
      expect(dialog.id).toBe(sent.dialog);
    }
  });

  it('of an account’s own is called instead of the gateway’s, until it is taken away', async () => {
    const own = await TestBot.start();
    const { patchbay, bot } = scene.stage;
    const path = `/accounts/${SECOND_NUMBER.id}`;
    try {
      const answer = await patchbay.call<{ bot: { url: string; secret: string } }>('PATCH', path, {
        body: { bot: { type: 'webhook', url: own.url, events: ['message.received'] } },
      });
      expect(answer).toMatchObject({ status: 200, body: { bot: { url: own.url } } });
      own.answer = () => ({ body: { replies: [text('sales here')] } });
      const customer = scene.customer();
      const wamid = customer.write(SECOND_NUMBER.id, 'hi sales');
      const call = await own.waitFor(({ message }) => message?.providerId === wamid);
      expect(call.event.variables['whatsapp.account']).toBe(SECOND_NUMBER.id);
      expect(() => new Webhook(secret).verify(call.raw, call.headers as Record<string, string>)).toThrow();
      expect(await customer.nextMessage()).toMatchObject({ text: 'sales here', phoneNumberId: SECOND_NUMBER.id });
      await scene.write(customer, 'hi support');
      expect(own.events).toHaveLength(1);
      expect(bot.events.some(({ message }) => message?.providerId === wamid)).toBe(false);

      expect((await patchbay.call('PATCH', path, { body: { bot: null } })).status).toBe(200);
      await scene.write(customer, 'back to the gateway’s', SECOND_NUMBER.id);
      expect(own.events).toHaveLength(1);
    } finally {
      await own.close();
    }
  });
});

describe('the events of a bot', () => {
  let scene: Scene;

  beforeAll(async () => {
    // No `events`: the default ones.
    scene = await Scene.open({}, { bot: { events: undefined } });
  });

  afterAll(() => scene.close());

  const change = (bot: object): Promise<unknown> =>
    scene.stage.patchbay.call('PATCH', `/gateways/${scene.gateway['id'] as string}`, { body: { bot } });
  const typesOf = (contactId: string): string[] =>
    scene.stage.bot.events.filter(({ contact }) => contact.id === contactId).map(({ type }) => type);
  const live = async (): Promise<{ contactId: string; failed: MessageView }> => {
    const customer = scene.customer();
    const event = await scene.write(customer, 'hi');
    await scene.until((await scene.send(customer.phone, 'hello')).id, 'delivered');
    scene.stage.sim.faults.add({ match: { to: customer.phone, times: 1 }, do: { error: { code: 131026 } } });
    const failed = await scene.until((await scene.send(customer.phone, 'in vain')).id, 'failed');
    await scene.stage.patchbay.call('PATCH', `/dialogs/${event.dialog.id}`, { body: { close: true } });
    await scene.stage.bot.waitFor(({ type, dialog }) => type === 'dialog.closed' && dialog.id === event.dialog.id);
    return { contactId: event.contact.id, failed };
  };

  it('are message.received, message.failed and dialog.closed when nothing is chosen', async () => {
    const { contactId, failed } = await live();
    expect(typesOf(contactId)).toEqual(['message.received', 'message.failed', 'dialog.closed']);
    const { event } = await scene.stage.bot.waitFor(
      ({ type, message }) => type === 'message.failed' && message?.id === failed.id,
    );
    expect(event.message).toMatchObject({ status: 'failed', error: { code: 'recipient.unreachable' } });
  });

  it('are those that were chosen, from the moment the change is answered', async () => {
    await change({ events: ['message.received', 'message.accepted', 'dialog.opened', 'dialog.closed'] });
    const { contactId } = await live();
    expect(typesOf(contactId)).toEqual(['dialog.opened', 'message.received', 'message.accepted', 'dialog.closed']);
    await change({ events: ['message.received', 'message.failed', 'dialog.closed'] });
  });

  it('are parked when the bot answers 410, which disables it; replayed once it is configured anew', async () => {
    const { bot } = scene.stage;
    const customer = scene.customer();
    const other = scene.customer();
    scene.answerTo(customer, () => ({ status: 410 }));
    const first = await scene.write(customer, 'first');
    const parked = await eventually('the event to be parked', async () =>
      (await scene.attention<Parked>('parked')).find(({ id }) => id === first.id),
    );
    expect(parked).toMatchObject({
      kind: 'bot',
      state: 'parked',
      type: 'message.received',
      event: { message: { id: first.message?.id } },
    });
    expect(parked.reason).toContain('410');

    // Nobody is called any more; what comes is parked at once.
    const calls = bot.calls.length;
    const wamid = other.write(WORLD.phoneNumberId, 'second');
    const second = await eventually('the second to be parked', async () =>
      (await scene.attention<Parked & { event: { message: { providerId: string } } }>('parked')).find(
        ({ event }) => event.message.providerId === wamid,
      ),
    );
    expect(bot.calls).toHaveLength(calls);

    await change({ url: bot.url });
    scene.answerTo(customer, replying(text('sorry')));
    for (const { id } of [parked, second]) {
      const replay = await scene.stage.patchbay.call('POST', `/events/${id}/replay`);
      expect(replay.status).toBe(202);
    }
    expect(await customer.nextMessage()).toMatchObject({ text: 'sorry' });
    await scene.hear(wamid);
    await eventually('nothing to be parked', async () => (await scene.attention('parked')).length === 0);
    await scene.write(customer, 'third');
  });

  it('that do not exist cannot be replayed: 404', async () => {
    for (const id of [
      'evt_01920000-0000-7000-8000-000000000000',
      'pev_01920000-0000-7000-8000-000000000000',
      'nonsense',
    ]) {
      const answer = await scene.stage.patchbay.call('POST', `/events/${id}/replay`);
      expect(answer).toMatchObject({ status: 404, body: { code: 'event.not_found' } });
    }
  });
});

describe('a number that is not active', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open({ simulator: { world: TWO_NUMBERS } });
  });

  afterAll(() => scene.close());

  it('has what comes in stored but not given to the bot, then or later; and sends nothing', async () => {
    const { patchbay, uri, sim, bot } = scene.stage;
    const customer = scene.customer();
    const before = await scene.write(customer, 'before');
    const off = await patchbay.command(uri, `whatsapp=unsubscribe&id=${WORLD.phoneNumberId}`);
    expect(off.status).toBe(200);
    const meanwhile = customer.write(WORLD.phoneNumberId, 'meanwhile');
    await sim.idle();
    const stored = await eventually('it to be stored', async () =>
      (await scene.history(before.dialog.id)).find(({ providerId }) => providerId === meanwhile),
    );
    expect(stored).toMatchObject({ direction: 'inbound', status: 'received', text: 'meanwhile' });
    const refused = await scene.post({
      account: WORLD.phoneNumberId,
      to: `+${customer.phone}`,
      content: { type: 'text', text: 'x' },
    });
    expect(refused).toMatchObject({ status: 409, body: { code: 'account.inactive' } });
    // The other number of the same WABA is active and goes on.
    await scene.write(customer, 'over there', SECOND_NUMBER.id);

    expect((await patchbay.command(uri, `whatsapp=subscribe&id=${WORLD.phoneNumberId}`)).status).toBe(200);
    await scene.write(customer, 'after');
    expect(bot.events.filter(({ type }) => type === 'message.received').map(({ message }) => message?.text)).toEqual([
      'before',
      'over there',
      'after',
    ]);
  });
});
