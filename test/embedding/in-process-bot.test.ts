import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DataSource } from 'typeorm';
import { RetryLaterError } from '../../src/index.js';
import { TestBot } from '../support/bot.js';
import { ShiftedClock } from '../support/clocked-app.js';
import { eventually } from '../support/patchbay.js';
import { WORLD } from '../support/stage.js';
import { Host } from './support/host.js';
import { HostLog } from './support/host-log.js';
import { Hearing, isMessage, makeBot } from './support/inbound.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const text = (words: string) => ({ type: 'text', text: words }) as const;

describe('a bot in the process', () => {
  let host: Host;
  const clock = new ShiftedClock();
  const bot = new Hearing();
  const crm = new Hearing();

  /** For everybody: us, and Meta, whose stamps say what came first and which window is open. */
  const pass = (milliseconds: number): void => {
    host.sim.advance(milliseconds);
    clock.advance(milliseconds);
  };
  /** Told that often, and each time it was noted that the bot did not take it: only then time may go on. */
  const told = (id: string, attempts: number) =>
    eventually(`attempt ${attempts} to be noted`, async () => {
      const [row] = await host.app
        .get(DataSource)
        .query<{ attempts: number }[]>(
          `SELECT attempts FROM chat.event_delivery WHERE 'evt_' || event_id = $1 AND subscriber = 'bot'`,
          [id],
        );
      return row?.attempts === attempts;
    });
  const parked = async () => (await host.api('GET', '/events?state=parked')).body.items;

  beforeAll(async () => {
    host = await Host.open({ clock, imports: [makeBot(bot, crm)] });
    await host.engage({ bot: { type: 'in-process', timeoutSeconds: 2, events: ['message.received'] } });
  });

  afterAll(() => host.close());

  test('that never takes an event is told for a day; then the event is parked, and a replay brings it back once', async () => {
    bot.answer = (event) => {
      if (!isMessage(event, 'never')) return;
      if (event.attempt === 1) throw new Error('no answer for that');
      // From then on it is the test that says when the next attempt is.
      throw new RetryLaterError(HOUR, 'still no answer for that');
    };
    const person = host.customer();
    person.write(WORLD.phoneNumberId, 'never');
    const event = await bot.message('never');
    await told(event.id, 2);
    person.write(WORLD.phoneNumberId, 'behind it');
    // What comes later waits for two minutes, and no longer.
    pass(2 * MINUTE);
    await bot.message('behind it');
    pass(HOUR);
    await told(event.id, 3);
    pass(22 * HOUR);
    await told(event.id, 4);
    expect(await parked()).toEqual([]);
    pass(HOUR);
    const [found, ...others] = await eventually('the event to be parked', async () => {
      const items = await parked();
      return items.length > 0 && items;
    });
    expect(others).toEqual([]);
    const { attempt: _, ...body } = event;
    expect(found).toMatchObject({
      id: event.id,
      kind: 'bot',
      state: 'parked',
      gateway: { uri: 'acme' },
      type: 'message.received',
      reason: 'AcmeBot threw: still no answer for that',
      attempts: 5,
      deliveries: [{ to: 'bot', reason: 'AcmeBot threw: still no answer for that', attempts: 5 }],
      event: body,
    });

    // It waits for a person, however long that takes.
    pass(HOUR);
    person.write(WORLD.phoneNumberId, 'a day later');
    await bot.message('a day later');
    expect(await bot.messagesTold('never', 5)).toHaveLength(5);

    bot.answer = (given) => (isMessage(given, 'never') ? { replies: [text('sorry')] } : undefined);
    expect(await host.api('POST', `/events/${event.id}/replay`)).toMatchObject({
      status: 202,
      body: { id: event.id, status: 'replaying' },
    });
    const again = (await bot.messagesTold('never', 6)).at(-1);
    expect(again).toEqual({ ...event, attempt: 1 });
    await person.nextMessage(({ text: words }) => words === 'sorry');
    expect(await parked()).toEqual([]);
    person.write(WORLD.phoneNumberId, 'thank you');
    await bot.message('thank you');
    expect(bot.texts(({ contact }) => contact.id === event.contact.id)).toEqual([
      'never',
      'never',
      'behind it',
      'never',
      'never',
      'never',
      'a day later',
      'never',
      'thank you',
    ]);
    expect(person.received.map((message) => message.text)).toEqual(['sorry']);
    expect(crm.texts(({ contact }) => contact.id === event.contact.id)).toEqual([
      'never',
      'behind it',
      'a day later',
      'thank you',
    ]);
  });

  test('hears what one person writes in order, though the first of it fails; others are heard meanwhile', async () => {
    bot.answer = (event) => {
      if (isMessage(event, 'one') && event.attempt === 1) throw new RetryLaterError(90 * SECOND, 'the shop is closed');
    };
    const [person, ...others] = [host.customer(), host.customer(), host.customer()];
    person.write(WORLD.phoneNumberId, 'one');
    const { contact, dialog } = await bot.message('one');
    const later = ['two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];
    for (const words of later) {
      pass(SECOND);
      person.write(WORLD.phoneNumberId, words);
    }
    for (const [index, other] of others.entries())
      for (const words of ['hi', 'is', 'there', 'anybody']) {
        other.write(WORLD.phoneNumberId, `${words} ${index}`);
        await bot.message(`${words} ${index}`);
      }
    await eventually('everything to be in the history', async () => {
      const { body } = await host.api('GET', `/dialogs/${dialog.id}/messages`);
      return body.items.length === 1 + later.length;
    });
    const ofPerson = () => bot.texts((event) => event.contact.id === contact.id);
    expect(ofPerson()).toEqual(['one']);
    pass(90 * SECOND);
    await bot.message('twelve');
    expect(ofPerson()).toEqual(['one', 'one', ...later]);
  });
});

describe('a gateway that has a webhook bot, and a provider for it in the process', () => {
  let host: Host;
  let webhook: TestBot;
  const log = new HostLog();
  const bot = new Hearing();

  beforeAll(async () => {
    webhook = await TestBot.start();
    host = await Host.open({ logger: log, imports: [makeBot(bot, new Hearing())] });
    await host.engage({ bot: { type: 'webhook', url: webhook.url, events: ['message.received'] } });
  });

  afterAll(async () => {
    await host.close();
    await webhook.close();
  });

  test('is answered by the webhook, and the log says that the provider is not', async () => {
    expect(await log.until('the gateway has a webhook bot, which wins')).toEqual({
      level: 'warn',
      message: expect.stringMatching(
        /the bot in the process is not told anything; send \{"bot":\{"type":"in-process"\}\} .*"gateway":"acme","bot":"AcmeBot"/,
      ),
      context: 'Patchbay',
    });
    webhook.answer = () => ({ body: { replies: [text('the webhook')] } });
    const person = host.customer();
    person.write(WORLD.phoneNumberId, 'hi');
    await webhook.waitFor(({ message }) => message?.text === 'hi');
    await person.nextMessage(({ text: words }) => words === 'the webhook');
    expect(bot.events).toEqual([]);
  });

  test('is the provider’s once a person says so, with what the webhook had not taken yet', async () => {
    webhook.answer = () => ({ status: 503 });
    bot.answer = (event) => (isMessage(event, 'who is it?') ? { replies: [text('the provider')] } : undefined);
    const person = host.customer();
    person.write(WORLD.phoneNumberId, 'who is it?');
    await webhook.waitFor(({ message }) => message?.text === 'who is it?');
    const changed = await host.api('PATCH', '/gateways/acme', { bot: { type: 'in-process' } });
    // It hears what the webhook heard: what a person has chosen does not follow the class.
    expect(changed).toMatchObject({ status: 200, body: { bot: { type: 'in-process', events: ['message.received'] } } });
    await person.nextMessage(({ text: words }) => words === 'the provider');
    const calls = webhook.calls.length;
    person.write(WORLD.phoneNumberId, 'and now?');
    await bot.message('and now?');
    expect(bot.texts()).toEqual(['who is it?', 'and now?']);
    expect(webhook.calls).toHaveLength(calls);
    expect((await host.api('GET', '/gateways/acme')).body.bot).toEqual({
      type: 'in-process',
      timeoutSeconds: 10,
      events: ['message.received'],
    });
  });
});
