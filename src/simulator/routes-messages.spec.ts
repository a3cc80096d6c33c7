import { describe, expect, it } from '@jest/globals';
import { DEFAULT_WORLD } from './simulator.js';
import { ANN, NUMBER, simulate, TEXT, WABA } from './simulation.fixture.js';

const DAY = 24 * 60 * 60 * 1000;
const TEMPLATE = {
  type: 'template',
  text: undefined,
  template: { name: 'follow_up', language: { code: 'en_US' }, components: [] as object[] },
};

describe('an accepted message', () => {
  it('is answered in the shape of Meta and gets its receipts', async () => {
    const { sim, send, receiver } = await simulate({ window: 'open', now: () => 1_750_030_073_999 });
    const { status, body } = await send({ biz_opaque_callback_data: 'part-1' });
    expect(status).toBe(200);
    expect(body).toEqual({
      messaging_product: 'whatsapp',
      contacts: [{ input: `+${ANN}`, wa_id: ANN }],
      messages: [{ id: expect.stringMatching(/^wamid\./) }],
    });
    await sim.idle();
    const receipt = {
      id: body.messages[0].id,
      timestamp: '1750030073',
      recipient_id: ANN,
      biz_opaque_callback_data: 'part-1',
      pricing: { billable: false, pricing_model: 'PMP', type: 'free_customer_service', category: 'service' },
    };
    expect(receiver.statuses).toEqual([
      { ...receipt, status: 'sent' },
      { ...receipt, status: 'delivered' },
    ]);
    expect(sim.sent).toHaveLength(1);
    expect(sim.sent[0]).toMatchObject({ phone: ANN, text: 'hello', biz_opaque_callback_data: 'part-1', wabaId: WABA });
  });

  it('is read when customers read, and the price stands on sent and delivered only', async () => {
    const { sim, send, receiver } = await simulate({
      window: 'open',
      statuses: { sentMs: 0, deliveredMs: 0, readMs: 0 },
    });
    await send();
    await sim.idle();
    expect(receiver.statuses.map(({ status, pricing }) => [status, pricing !== undefined])).toEqual([
      ['sent', true],
      ['delivered', true],
      ['read', false],
    ]);
  });

  it('costs by the category of its template, and carries message_status', async () => {
    const { sim, send, receiver } = await simulate();
    sim.world.addTemplate(WABA, { name: 'follow_up', category: 'MARKETING' });
    const { body } = await send(TEMPLATE);
    expect(body.messages[0].message_status).toBe('accepted');
    await sim.idle();
    expect(receiver.statuses[0]?.['pricing']).toEqual({
      billable: true,
      pricing_model: 'PMP',
      type: 'regular',
      category: 'marketing',
    });
  });

  it('reaches a BSUID without naming a phone', async () => {
    const { sim, send, receiver } = await simulate({ window: 'open' });
    const { body } = await send({ to: undefined, recipient: 'US.1349abc' });
    expect(body.contacts).toEqual([{ input: 'US.1349abc', user_id: 'US.1349abc' }]);
    await sim.idle();
    expect(receiver.statuses[0]).toMatchObject({ recipient_user_id: 'US.1349abc' });
    expect(receiver.statuses[0]).not.toHaveProperty('recipient_id');
    expect(sim.customer('US.1349abc').received).toHaveLength(1);
  });

  it('goes to the phone when both addresses are given', async () => {
    const { sim, send } = await simulate({ window: 'open' });
    await send({ recipient: 'US.1349abc' });
    expect(sim.sent[0]).toMatchObject({ phone: ANN, userId: undefined });
  });

  it('is not what a read receipt or a typing indicator is', async () => {
    const { sim, graph } = await simulate();
    const messageId = sim.customer(ANN).write(NUMBER, 'hi');
    const read = { messaging_product: 'whatsapp', status: 'read', message_id: messageId };
    for (const body of [read, { ...read, typing_indicator: { type: 'text' } }]) {
      expect((await graph('POST', `/${NUMBER}/messages`, body)).body).toEqual({ success: true });
    }
    expect(sim.reads).toMatchObject([
      { phoneNumberId: NUMBER, messageId, typing: false },
      { phoneNumberId: NUMBER, messageId, typing: true },
    ]);
    const nameless = await graph('POST', `/${NUMBER}/messages`, { ...read, message_id: undefined });
    expect(nameless.body.error.code).toBe(100);
    expect(sim.sent).toHaveLength(0);
  });

  it.each([
    ['a message that the number did not get', 131009, { message_id: 'wamid.x' }],
    ['another indicator than text', 131009, { typing_indicator: { type: 'voice' } }],
    ['an indicator without a mark', 100, { status: undefined, typing_indicator: { type: 'text' } }],
  ])('refuses to mark: %s', async (_what, code, more) => {
    const { sim, graph } = await simulate();
    const message_id = sim.customer(ANN).write(NUMBER, 'hi');
    const body = { messaging_product: 'whatsapp', status: 'read', message_id, ...more };
    expect((await graph('POST', `/${NUMBER}/messages`, body as never)).body.error.code).toBe(code);
    expect(sim.reads).toEqual([]);
  });
});

describe('the window', () => {
  it('is opened by the customer, for one number, for 24 hours', async () => {
    const { sim, send, graph } = await simulate({ now: () => 1_750_000_000_000 });
    const second = sim.world.addPhoneNumber(WABA).id;
    expect(await send()).toMatchObject({ status: 400, body: { error: { code: 131047 } } });
    sim.customer(ANN).write(NUMBER, 'hi');
    expect((await send()).status).toBe(200);
    expect((await graph('POST', `/${second}/messages`, TEXT)).body.error.code).toBe(131047);
    sim.advance(DAY - 1);
    expect((await send()).status).toBe(200);
    sim.advance(1);
    expect((await send()).body.error.code).toBe(131047);
  });

  it('does not hold templates back', async () => {
    const { send } = await simulate();
    expect((await send(TEMPLATE)).status).toBe(200);
  });

  it('refuses later in the mode late, and the customer gets nothing', async () => {
    const { sim, send, receiver } = await simulate({ window: 'late' });
    const { status, body } = await send({ biz_opaque_callback_data: 'x' });
    expect(status).toBe(200);
    await sim.idle();
    expect(receiver.statuses).toEqual([
      expect.objectContaining({
        id: body.messages[0].id,
        status: 'failed',
        biz_opaque_callback_data: 'x',
        errors: [expect.objectContaining({ code: 131047, error_data: { details: expect.any(String) } })],
      }),
    ]);
    expect(receiver.values[0]).not.toHaveProperty('contacts');
    expect(sim.customer(ANN).received).toHaveLength(0);
  });

  it('is opened for the BSUID too by a customer who shows both', async () => {
    const { sim, send } = await simulate();
    sim.customer(ANN, { userId: 'US.1349abc' }).write(NUMBER, 'hi');
    expect((await send({ to: undefined, recipient: 'US.1349abc' })).status).toBe(200);
  });

  it('is not opened by a system message', async () => {
    const { sim, send } = await simulate();
    sim.customer(ANN).write(NUMBER, { type: 'system', system: { type: 'user_changed_number' } });
    expect((await send()).body.error.code).toBe(131047);
  });
});

describe('a refusal', () => {
  it('says 133010 for a number that is not connected', async () => {
    const { sim, send } = await simulate({ window: 'open' });
    sim.world.phoneNumber(NUMBER).status = 'DISCONNECTED';
    expect((await send()).body.error.code).toBe(133010);
  });

  it('says 131030 for a recipient that a test number does not know', async () => {
    const { sim, send } = await simulate({ window: 'open' });
    sim.world.addPhoneNumber(WABA, { id: NUMBER, allowedRecipients: ['+1 650 555 9999'] });
    expect((await send()).body.error).toMatchObject({ code: 131030, error_data: { messaging_product: 'whatsapp' } });
    expect((await send({ to: '+1-650-555-9999' })).status).toBe(200);
  });

  it('says 131021 for a message to itself', async () => {
    const { send } = await simulate({ window: 'open' });
    expect((await send({ to: DEFAULT_WORLD.displayPhoneNumber })).body.error.code).toBe(131021);
  });

  it('says 100 for a malformed body, and accepts nothing', async () => {
    const { sim, send, graph } = await simulate({ window: 'open' });
    expect((await send({ messaging_product: undefined })).body.error.code).toBe(100);
    expect((await send({ text: { body: 'x'.repeat(4097) } })).body.error.code).toBe(100);
    expect((await graph('POST', `/${NUMBER}/messages`, '{"broken')).body.error.code).toBe(100);
    expect(sim.sent).toHaveLength(0);
  });

  it.each([
    ['an unknown template', {}, 132001],
    ['another language', { name: 'follow_up', language: 'uk' }, 132001],
    ['one that waits for approval', { name: 'follow_up', status: 'PENDING' }, 132001],
    ['a paused one', { name: 'follow_up', status: 'PAUSED' }, 132015],
    ['a disabled one', { name: 'follow_up', status: 'DISABLED' }, 132016],
    ['too few parameters', { name: 'follow_up', components: [{ type: 'BODY', text: 'Hi {{1}}' }] }, 132000],
  ])('judges %s once the world declares templates', async (_name, template, code) => {
    const { sim, send } = await simulate();
    sim.world.addTemplate(WABA, { name: 'other', ...template });
    expect((await send(TEMPLATE)).body.error.code).toBe(code);
  });

  it('says 131062 for an authentication template to a BSUID', async () => {
    const { sim, send } = await simulate();
    sim.world.addTemplate(WABA, { name: 'follow_up', category: 'AUTHENTICATION' });
    expect((await send({ ...TEMPLATE, to: undefined, recipient: 'US.1' })).body.error.code).toBe(131062);
  });

  it('says 2500 for a path that does not exist', async () => {
    const { graph } = await simulate();
    expect((await graph('POST', `/${NUMBER}/mesages`, TEXT)).body.error.code).toBe(2500);
  });
});
