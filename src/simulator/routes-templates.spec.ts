import { describe, expect, it } from '@jest/globals';
import { NUMBER, simulate, WABA } from './simulation.fixture.js';
import type { JsonObject } from './world.types.js';

const BODY = { type: 'BODY', text: 'Hi {{1}}, thanks', example: { body_text: [['Ann']] } };
const DRAFT: JsonObject = { name: 'order_update', language: 'en_US', category: 'UTILITY', components: [BODY] };
const DAY = 86_400_000;

async function open() {
  const simulation = await simulate();
  const { graph, sim } = simulation;
  const create = (more: JsonObject = {}) => graph('POST', `/${WABA}/message_templates`, { ...DRAFT, ...more });
  return {
    ...simulation,
    create,
    subcode: async (more: JsonObject) => (await create(more)).body.error.error_subcode,
    sim,
  };
}

describe('templates', () => {
  it('wait for their review, are sent after it, and are said to be approved', async () => {
    const { create, graph, receiver, sim } = await open();
    const { body } = await create({ message_send_ttl_seconds: 60 });
    expect(body).toEqual({ id: expect.any(String), status: 'PENDING', category: 'UTILITY' });
    const send = () =>
      graph('POST', `/${NUMBER}/messages`, {
        messaging_product: 'whatsapp',
        to: '+16505551234',
        type: 'template',
        template: {
          name: 'order_update',
          language: { code: 'en_US' },
          components: [{ type: 'body', parameters: [{ type: 'text', text: 'Ann' }] }],
        },
      });
    expect((await send()).body.error.code).toBe(132001);
    sim.reviewTemplate({ name: 'order_update', event: 'APPROVED' });
    expect((await send()).status).toBe(200);
    const fields = 'fields=status,message_send_ttl_seconds,rejected_reason';
    expect((await graph('GET', `/${body.id}?${fields}`)).body).toEqual({
      id: body.id,
      status: 'APPROVED',
      message_send_ttl_seconds: 60,
      rejected_reason: 'NONE',
    });
    await sim.idle();
    expect(receiver.webhooks.map(({ json }) => json.entry[0]?.changes[0]?.field)).toContain(
      'message_template_status_update',
    );
  });

  it('are refused with the reason in the subcode', async () => {
    const { create, subcode } = await open();
    const text = (value: string, more = {}) => ({ components: [{ ...BODY, text: value, ...more }] });
    expect(await subcode(text('{{1}} hello there'))).toBe(2388299);
    expect(await subcode(text('Hi {{1}}.'))).toBe(2388293);
    expect(await subcode(text('Hi {{1}}, thanks', { example: {} }))).toBe(2388072);
    expect(await subcode(text('b'.repeat(1025)))).toBe(2388040);
    expect(await subcode({ components: [{ type: 'HEADER', format: 'IMAGE' }, BODY] })).toBe(2388047);
    expect(await subcode({ components: [BODY, { type: 'FOOTER', text: '{{1}}' }] })).toBe(2388073);
    expect((await create({ name: 'Order' })).body.error.code).toBe(100);
    await create();
    expect(await subcode({})).toBe(2388024);
  });

  it('are edited in certain states only, and not too often', async () => {
    const { create, graph, sim } = await open();
    const { id } = (await create()).body;
    const edit = async () => (await graph('POST', `/${id}`, { components: [{ type: 'BODY', text: 'New' }] })).body;
    expect((await edit()).error.error_subcode).toBe(2388039);
    sim.reviewTemplate({ name: 'order_update', event: 'APPROVED' });
    expect(await edit()).toEqual({ success: true });
    sim.reviewTemplate({ name: 'order_update', event: 'APPROVED' });
    expect((await edit()).error.error_subcode).toBe(2388039);
    sim.advance(DAY);
    expect(await edit()).toEqual({ success: true });
  });

  it('are deleted, and their names are blocked for a month', async () => {
    const { create, graph, sim, subcode } = await open();
    const { id } = (await create()).body;
    await create({ language: 'uk' });
    const remove = (query: string) => graph('DELETE', `/${WABA}/message_templates?name=order_update${query}`);
    expect((await remove(`&hsm_id=${id}`)).body).toEqual({ success: true });
    expect(await subcode({})).toBe(2388023);
    expect(await subcode({ language: 'uk' })).toBe(2388024);
    await remove('');
    expect((await remove('')).body.error.error_subcode).toBe(2593002);
    sim.advance(30 * DAY);
    expect((await create()).status).toBe(200);
  });

  it('are created a hundred times an hour', async () => {
    const { create, sim } = await open();
    for (let count = 0; count < 100; count += 1) {
      expect((await create({ name: `t_${count}` })).status).toBe(200);
    }
    expect((await create()).body.error.code).toBe(80007);
    sim.advance(3_600_000);
    expect((await create()).status).toBe(200);
  });
});
