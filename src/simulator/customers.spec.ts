import { describe, expect, it } from '@jest/globals';
import { ANN, NUMBER, simulate, WABA } from './simulation.fixture.js';

describe('a customer who writes', () => {
  it('comes in the whole envelope', async () => {
    const { sim, receiver } = await simulate({ now: () => 1_749_416_383_000 });
    const ann = sim.customer('+1 (650) 555-1234', { name: 'Ann', username: 'ann.a', userId: 'US.1349abc' });
    const id = ann.write(NUMBER, 'hi');
    await sim.idle();
    expect(receiver.webhooks[0]?.json).toEqual({
      object: 'whatsapp_business_account',
      entry: [
        {
          id: WABA,
          changes: [
            {
              field: 'messages',
              value: {
                messaging_product: 'whatsapp',
                metadata: { display_phone_number: '15550783881', phone_number_id: NUMBER },
                contacts: [{ profile: { name: 'Ann', username: 'ann.a' }, wa_id: ANN, user_id: 'US.1349abc' }],
                messages: [
                  {
                    from: ANN,
                    from_user_id: 'US.1349abc',
                    id,
                    timestamp: '1749416383',
                    type: 'text',
                    text: { body: 'hi' },
                  },
                ],
              },
            },
          ],
        },
      ],
    });
  });

  it('may show no phone at all', async () => {
    const { sim, receiver } = await simulate();
    sim.customer({ userId: 'US.1349abc', name: 'Ben' }).write(NUMBER, 'hi');
    await sim.idle();
    const value = receiver.values[0] as { contacts: object[]; messages: object[] };
    expect(value.contacts).toEqual([{ profile: { name: 'Ben' }, user_id: 'US.1349abc' }]);
    expect(value.messages[0]).not.toHaveProperty('from');
  });

  it('sends any message object, quoting ours', async () => {
    const { sim, receiver } = await simulate();
    sim.customer(ANN).write(NUMBER, {
      type: 'interactive',
      interactive: { type: 'button_reply', button_reply: { id: 'yes', title: 'Yes' } },
      context: { id: 'wamid.ours' },
    });
    await sim.idle();
    const value = receiver.values[0] as { messages: object[] };
    expect(value.messages[0]).toMatchObject({
      type: 'interactive',
      interactive: { button_reply: { id: 'yes' } },
      context: { from: '15550783881', id: 'wamid.ours' },
    });
  });

  it('is the same person by phone and by BSUID', async () => {
    const { sim } = await simulate();
    const ann = sim.customer(ANN, { userId: 'US.1349abc' });
    expect(sim.customer('US.1349abc')).toBe(ann);
    expect(sim.customer('+1-650-555-1234')).toBe(ann);
    expect(ann.profile).toMatchObject({ phone: ANN, userId: 'US.1349abc' });
  });

  it('cannot write to a number that does not exist', async () => {
    const { sim } = await simulate();
    expect(() => sim.customer(ANN).write('999', 'hi')).toThrow(/no phone number 999/);
  });
});

describe('nextMessage', () => {
  it('finds what came before it was called, each message once', async () => {
    const { sim, send } = await simulate({ window: 'open' });
    await send({ text: { body: 'one' } });
    await send({ text: { body: 'two' } });
    const ann = sim.customer(ANN);
    expect((await ann.nextMessage(({ text }) => text === 'two')).text).toBe('two');
    expect((await ann.nextMessage()).text).toBe('one');
    const waiting = [ann.nextMessage(), ann.nextMessage()];
    await send({ text: { body: 'three' } });
    await send({ text: { body: 'four' } });
    expect((await Promise.all(waiting)).map(({ text }) => text)).toEqual(['three', 'four']);
    expect(ann.received).toHaveLength(4);
  });

  it('gives up with a sentence', async () => {
    const { sim } = await simulate();
    await expect(sim.customer(ANN).nextMessage(() => true, 5)).rejects.toThrow(/no such message reached 16505551234/);
  });
});
