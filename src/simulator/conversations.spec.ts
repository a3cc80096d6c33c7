import { describe, expect, it } from '@jest/globals';
import { FIELD_SAMPLES, MESSAGE_SAMPLES } from './samples.js';
import { ANN, NUMBER, WABA, simulate } from './simulation.fixture.js';

describe('a customer who changes numbers', () => {
  it('is told by a notice under the old names, and goes by the new ones from then on', async () => {
    const { sim, receiver } = await simulate();
    const ann = sim.customer({ phone: ANN, userId: 'US.1', name: 'Ann' });
    ann.changeNumber(NUMBER, { phone: '16505559876', userId: 'US.2' });
    ann.write(NUMBER, 'hi');
    await sim.idle();
    expect(receiver.values.map(({ messages }) => messages)).toMatchObject([
      [
        {
          from: ANN,
          from_user_id: 'US.1',
          system: { type: 'user_changed_number', wa_id: '16505559876', user_id: 'US.2' },
        },
      ],
      [{ from: '16505559876', from_user_id: 'US.2' }],
    ]);
    expect(sim.customer('16505559876')).toBe(ann);
    expect(sim.customer(ANN)).not.toBe(ann);
  });
});

describe('somebody else who answers', () => {
  it('is told by an echo, with its statuses', async () => {
    const { sim, receiver } = await simulate();
    const id = sim.echo(sim.customer(ANN), 'I will take over');
    await sim.idle();
    const [first, ...statuses] = receiver.webhooks.map(({ json }) => json.entry[0]?.changes[0]);
    expect(first).toMatchObject({
      field: 'smb_message_echoes',
      value: {
        metadata: { phone_number_id: NUMBER },
        message_echoes: [{ id, to: ANN, text: { body: 'I will take over' } }],
      },
    });
    expect(statuses.map((change) => change?.value)).toMatchObject([
      { statuses: [{ id, status: 'sent' }] },
      { statuses: [{ id, status: 'delivered' }] },
    ]);
  });

  it('takes a conversation over', async () => {
    const { sim, receiver } = await simulate();
    const ann = sim.customer(ANN);
    sim.handover(ann, { type: 'control_taken', newOwner: 'escalation' });
    ann.write(NUMBER, 'to the other one', 'standby');
    await sim.idle();
    expect(receiver.webhooks.map(({ json }) => json.entry[0]?.changes[0])).toMatchObject([
      {
        field: 'messaging_handovers',
        value: { type: 'control_taken', control_taken: { new_owner_role: 'escalation' } },
      },
      { field: 'standby', value: { messages: [{ from: ANN, text: { body: 'to the other one' } }] } },
    ]);
  });
});

describe('the examples', () => {
  it('of every field and kind of message are sent', async () => {
    const { sim, receiver } = await simulate();
    for (const field of Object.keys(FIELD_SAMPLES)) sim.emitSample(field, WABA);
    for (const sample of Object.keys(MESSAGE_SAMPLES)) {
      const body = JSON.stringify({ sample });
      const { status } = await fetch(`${sim.url}/_sim/customers/${ANN}/messages`, { method: 'POST', body });
      expect(status).toBe(200);
    }
    await sim.idle();
    const fields = receiver.webhooks.map(({ json }) => json.entry[0]?.changes[0]?.field);
    expect(new Set(fields)).toEqual(new Set([...Object.keys(FIELD_SAMPLES), 'messages']));
    expect(fields.filter((field) => field === 'messages')).toHaveLength(Object.keys(MESSAGE_SAMPLES).length);
  });
});
