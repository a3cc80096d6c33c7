import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeOnBothQueues } from '../support/queues.js';
import { Scene, statusesOf } from '../support/scene.js';
import { WORLD } from '../support/stage.js';

/** What the queues have a hand in, on each backend; the flows themselves are in the other files. */
describeOnBothQueues('a day at the gateway', (environment) => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open({ env: environment() }, { metadata: { settle_seconds: '2' } });
  });

  afterAll(() => scene.close());

  it('many customers at once: each gets the answers to their own words, in order', async () => {
    const customers = Array.from({ length: 10 }, () => scene.customer());
    const words = ['one', 'two', 'three', 'four', 'five'];
    for (const customer of customers) {
      scene.answerTo(customer, ({ event: { type, message } }) =>
        type === 'message.received'
          ? { body: { replies: [{ type: 'text', text: `re: ${message?.text}` }] } }
          : undefined,
      );
    }
    for (const word of words) for (const customer of customers) customer.write(WORLD.phoneNumberId, word);
    for (const customer of customers) {
      for (let count = 0; count < words.length; count += 1) await customer.nextMessage(undefined, 30_000);
      const texts = customer.received.map(({ text }) => text);
      // Words of one second may reach us in any order; the answers leave in the order in which the bot heard them.
      const heard = scene.stage.bot.events
        .filter(({ type, contact }) => type === 'message.received' && contact.phone === `+${customer.phone}`)
        .map(({ message }) => `re: ${message?.text}`);
      expect(texts).toEqual(heard);
      expect([...texts].sort()).toEqual(words.map((word) => `re: ${word}`).sort());
    }
  });

  it('a webhook that comes many times at once is one event, one answer', async () => {
    const customer = scene.customer();
    scene.stage.sim.faults.add({ match: { to: customer.phone, update: 'message' }, do: { duplicate: 5 } });
    scene.answerTo(customer, ({ event: { type } }) =>
      type === 'message.received' ? { body: { replies: [{ type: 'text', text: 'hello' }] } } : undefined,
    );
    const event = await scene.write(customer, 'hi');
    await customer.nextMessage();
    await scene.stage.sim.idle();
    scene.answerTo(customer, () => undefined);
    await scene.write(customer, 'the end');
    const history = await scene.history(event.dialog.id);
    expect(history.map(({ text }) => text)).toEqual(['hi', 'hello', 'the end']);
    expect(customer.received).toHaveLength(1);
  });

  it('a passing fault is waited out, behind it nothing overtakes', async () => {
    const customer = scene.customer();
    await scene.write(customer, 'hi');
    scene.stage.sim.faults.add({ match: { to: customer.phone, times: 1 }, do: { error: { code: 130_429 } } });
    const first = await scene.send(customer.phone, 'first');
    const second = await scene.send(customer.phone, 'second');
    await scene.until(second.id, 'delivered');
    expect(customer.received.map(({ text }) => text)).toEqual(['first', 'second']);
    expect(statusesOf(await scene.message(first.id))).toContain('held');
  });

  it('a lost answer is settled by the receipt, and the message is sent once', async () => {
    const customer = scene.customer();
    await scene.write(customer, 'hi');
    scene.stage.sim.faults.add({
      match: { to: customer.phone, times: 1 },
      do: { drop: 'after', delayStatusesMs: 300 },
    });
    const sent = await scene.send(customer.phone, 'once');
    expect((await scene.until(sent.id, 'delivered')).attempts).toHaveLength(1);
    expect(customer.received).toHaveLength(1);
  });

  it('a lost answer without a receipt ends as outcome.unknown', async () => {
    const customer = scene.customer();
    scene.stage.sim.faults.add({
      match: { to: customer.phone, times: 1 },
      do: { drop: 'after', withholdStatuses: true },
    });
    const content = { type: 'template', name: 'follow_up', language: 'en_US' };
    const { body: sent } = await scene.post({ to: `+${customer.phone}`, content });
    expect((await scene.until(sent.id, 'failed')).error).toMatchObject({ code: 'outcome.unknown' });
    expect(customer.received).toHaveLength(1);
  });

  it('a bot that fails is called again with the same event, and answers once', async () => {
    const customer = scene.customer();
    scene.answerTo(customer, ({ event: { type, attempt } }) => {
      if (type !== 'message.received') return undefined;
      return attempt === 1 ? { status: 500 } : { body: { replies: [{ type: 'text', text: 'sorry' }] } };
    });
    const event = await scene.write(customer, 'hi');
    expect(await customer.nextMessage()).toMatchObject({ text: 'sorry' });
    expect(scene.stage.bot.events.filter(({ id }) => id === event.id).map(({ attempt }) => attempt)).toEqual([1, 2]);
  });
});
