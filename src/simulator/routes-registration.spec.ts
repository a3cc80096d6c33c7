import { describe, expect, it } from '@jest/globals';
import { NUMBER, simulate, WABA } from './simulation.fixture.js';
import type { JsonObject } from './world.types.js';

const NEW = '106540352299999';
const PIN = '246810';

async function withNewNumber(more: JsonObject = {}) {
  const { sim, graph } = await simulate({ now: () => 1_750_000_000_000, window: 'open' });
  const state = { status: 'PENDING', code_verification_status: 'NOT_VERIFIED', platform_type: 'NOT_APPLICABLE' };
  const number = sim.world.addPhoneNumber(WABA, { id: NEW, ...state, ...more });
  const post = (edge: string, body: JsonObject = {}, id = NEW) => graph('POST', `/${id}/${edge}`, body);
  const register = (pin: unknown = PIN) => post('register', { messaging_product: 'whatsapp', pin });
  const fields = 'status,platform_type,is_pin_enabled,code_verification_status,health_status';
  const view = async () => (await graph('GET', `/${NEW}?fields=${fields}`)).body;
  return { sim, number, post, register, view };
}

describe('a new number', () => {
  it('is verified, registered, and then may send', async () => {
    const { sim, number, post, register, view } = await withNewNumber();
    expect(await view()).toMatchObject({ is_pin_enabled: false, health_status: { can_send_message: 'BLOCKED' } });
    expect((await register()).body.error.code).toBe(133006);
    expect((await post('request_code', { code_method: 'SMS', language: 'en_US' })).body).toEqual({ success: true });
    expect((await post('verify_code', { code: '000000' })).body.error.code).toBe(136025);
    expect((await post('verify_code', { code: number.code as string })).body).toEqual({ success: true });
    expect((await post('request_code', { code_method: 'SMS', language: 'en_US' })).body.error.code).toBe(136024);
    const send = { messaging_product: 'whatsapp', to: '+16505551234', type: 'text', text: { body: 'hi' } };
    expect((await post('messages', send)).body.error.code).toBe(133010);
    expect((await register()).body).toEqual({ success: true });
    expect(await view()).toMatchObject({
      status: 'CONNECTED',
      platform_type: 'CLOUD_API',
      is_pin_enabled: true,
      health_status: { can_send_message: 'AVAILABLE' },
    });
    expect(JSON.stringify(await view())).not.toContain(PIN);
    expect((await post('messages', send)).status).toBe(200);
    expect(sim.sent).toHaveLength(1);
  });

  it('keeps its PIN when it is taken out', async () => {
    const { post, register, view } = await withNewNumber({ code_verification_status: 'VERIFIED' });
    expect((await post('deregister')).body.error.code).toBe(133010);
    await register();
    expect((await post('deregister')).body).toEqual({ success: true });
    expect(await view()).toMatchObject({ status: 'DISCONNECTED', platform_type: 'NOT_APPLICABLE' });
    expect((await register('111111')).body.error.code).toBe(133005);
    expect((await register()).body).toEqual({ success: true });
  });

  it('may be registered ten times in 72 hours', async () => {
    const { sim, register } = await withNewNumber({ code_verification_status: 'VERIFIED' });
    for (let times = 0; times < 10; times += 1) expect((await register()).status).toBe(200);
    expect((await register()).body.error.code).toBe(133016);
    sim.advance(72 * 60 * 60_000 + 1);
    expect((await register()).status).toBe(200);
  });

  it('is not taken out while it is in the WhatsApp Business app', async () => {
    const { sim, post } = await withNewNumber();
    sim.world.phoneNumber(NUMBER).extra = { is_on_biz_app: true };
    expect((await post('deregister', {}, NUMBER)).body.error.code).toBe(100);
  });

  it.each([
    ['request_code', { code_method: 'PIGEON', language: 'en_US' }],
    ['request_code', { code_method: 'SMS' }],
    ['verify_code', { code: '12345' }],
    ['register', { messaging_product: 'whatsapp', pin: '12345' }],
    ['register', { pin: PIN }],
    ['register', { messaging_product: 'whatsapp', pin: PIN, data_localization_region: 'Germany' }],
  ])('is refused %s with %j', async (edge, body) => {
    const { post } = await withNewNumber({ code_verification_status: 'VERIFIED' });
    expect((await post(edge, body)).body.error.code).toBe(100);
  });
});
