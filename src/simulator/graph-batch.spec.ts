import { describe, expect, it } from '@jest/globals';
import { DEFAULT_WORLD } from './simulator.js';
import { NUMBER, simulate, WABA } from './simulation.fixture.js';

const part = (relative_url: string, method = 'GET', body?: string): object => ({
  method,
  relative_url,
  ...(body ? { body } : {}),
});

describe('a batch', () => {
  it('answers its parts in order, each with its own code', async () => {
    const { graph } = await simulate();
    const parts = [part(`v26.0/${WABA}?fields=name`), part('999'), part(`/${WABA}/subscribed_apps`, 'POST')];
    const { status, body } = await graph('POST', '/', { batch: parts });
    expect(status).toBe(200);
    expect(body.map(({ code }: { code: number }) => code)).toEqual([200, 400, 200]);
    expect(JSON.parse(body[0].body)).toEqual({ id: WABA, name: 'Acme' });
    expect(JSON.parse(body[1].body).error).toMatchObject({ code: 100, error_subcode: 33 });
  });

  it('comes as a form too, with the token and the bodies in it', async () => {
    const { sim, graph } = await simulate({ window: 'open' });
    const message = new URLSearchParams({
      messaging_product: 'whatsapp',
      to: '+16505551234',
      type: 'text',
      text: '{"body":"from a batch"}',
    }).toString();
    const form = new URLSearchParams({
      access_token: DEFAULT_WORLD.token,
      batch: JSON.stringify([part(`${NUMBER}/messages`, 'POST', message)]),
    });
    const { body } = await graph('POST', '/', form.toString(), null);
    expect(body[0].code).toBe(200);
    expect(sim.sent.map(({ text }) => text)).toEqual(['from a batch']);
  });

  it('has at most 50 parts', async () => {
    const { graph } = await simulate();
    const parts = Array.from({ length: 51 }, () => part('me'));
    expect((await graph('POST', '/', { batch: parts.slice(1) })).body).toHaveLength(50);
    expect((await graph('POST', '/', { batch: parts })).body.error.code).toBe(100);
    expect((await graph('POST', '/', { batch: 'no list' })).body.error.code).toBe(100);
  });

  it('has null for a part whose answer was lost', async () => {
    const { sim, graph } = await simulate();
    sim.faults.add({ match: { path: `/${WABA}` }, do: { drop: 'before' } });
    const { body } = await graph('POST', '/', { batch: [part('me'), part(WABA)] });
    expect([body[0].code, body[1]]).toEqual([200, null]);
  });
});
