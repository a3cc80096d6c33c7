import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { describeOnBothQueues } from '../support/queues.js';
import { eventually } from '../support/patchbay.js';
import { type Stage, WORLD, engage, openStage } from '../support/stage.js';

describeOnBothQueues('the first message', (environment) => {
  let stage: Stage;
  let secret: string;

  beforeAll(async () => {
    stage = await openStage({ env: environment(), simulator: { statuses: { readMs: 5 } } });
    const gateway = await engage(stage);
    secret = (gateway['bot'] as { secret: string }).secret;
  });

  afterAll(() => stage.close());

  it('goes in, its answer comes out, and sent, delivered, read come back', async () => {
    const { sim, bot, patchbay } = stage;
    bot.answer = ({ event }) =>
      event.type === 'message.received'
        ? { body: { replies: [{ type: 'text', text: `You said: ${event.message?.text}` }] } }
        : undefined;
    const customer = sim.customer('16505551234', { name: 'Sheena' });
    const wamid = customer.write(WORLD.phoneNumberId, 'hi');

    const { event, headers, raw } = await bot.waitFor(({ type }) => type === 'message.received');
    expect(event).toMatchObject({
      channel: 'whatsapp',
      account: { id: WORLD.phoneNumberId, name: 'Acme' },
      dialog: { isNew: true, window: { state: 'open' } },
      contact: { name: 'Sheena', phone: '+16505551234' },
      variables: {
        chat: 'whatsapp',
        user: '16505551234',
        from: 'Sheena',
        'whatsapp.business': WORLD.wabaId,
        'whatsapp.account': WORLD.phoneNumberId,
        'whatsapp.number': '15550783881',
      },
      message: { providerId: wamid, text: 'hi', content: { type: 'text', text: 'hi' } },
    });
    expect(() => new Webhook(secret).verify(raw, headers as Record<string, string>)).not.toThrow();

    const answer = await customer.nextMessage();
    expect(answer).toMatchObject({ text: 'You said: hi', phoneNumberId: WORLD.phoneNumberId });
    const message = await eventually('the message to be read', async () => {
      const { body } = await patchbay.call<{ items: Record<string, unknown>[] }>(
        'GET',
        `/messages?providerId=${encodeURIComponent(answer.id)}`,
      );
      return body.items.find(({ status }) => status === 'read');
    });
    const statuses = (message['timeline'] as { status: string }[]).map(({ status }) => status);
    expect(statuses).toEqual(['queued', 'sending', 'accepted', 'sent', 'delivered', 'read']);
    expect(message).toMatchObject({ price: { category: 'service' } });
    await bot.waitFor(({ type, message: about }) => type === 'message.read' && about?.id === message['id']);
  });
});
