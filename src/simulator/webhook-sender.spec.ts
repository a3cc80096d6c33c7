import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { DEFAULT_WORLD } from './simulator.js';
import { ANN, NUMBER, receive, simulate, WABA } from './simulation.fixture.js';

describe('a webhook', () => {
  it('is signed over the bytes that arrive, escapes and all', async () => {
    const { sim, receiver } = await simulate();
    sim.customer(ANN, { name: 'Zoë 😀' }).write(NUMBER, 'a/b');
    await sim.idle();
    const { bytes, headers } = receiver.webhooks[0] as (typeof receiver.webhooks)[0];
    const hmac = createHmac('sha256', DEFAULT_WORLD.appSecret).update(bytes).digest('hex');
    expect(headers['x-hub-signature-256']).toBe(`sha256=${hmac}`);
    expect(bytes.toString('latin1')).toContain('Zo\\u00eb \\ud83d\\ude00');
    expect(bytes.toString('latin1')).toContain('a\\/b');
    expect(headers['content-type']).toBe('application/json');
  });

  it('is sent again, byte for byte, until it is answered with 200', async () => {
    const { sim, receiver } = await simulate();
    receiver.answers = [500, 204, 302];
    sim.customer(ANN).write(NUMBER, 'hi');
    await sim.idle();
    expect(receiver.webhooks).toHaveLength(4);
    expect(new Set(receiver.webhooks.map(({ bytes }) => bytes.toString())).size).toBe(1);
    expect(sim.webhooks.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 500],
      [2, 204],
      [3, 302],
      [4, 200],
    ]);
    expect(sim.counts).toMatchObject({ delivered: 1, dropped: 0, webhooks: 4 });
  });

  it('is sent again with growing pauses', async () => {
    const { sim, receiver } = await simulate({ retry: { firstMs: 8, factor: 2, capMs: 20 } });
    receiver.answers = [500, 500, 500, 500];
    sim.customer(ANN).write(NUMBER, 'hi');
    await sim.idle();
    const at = sim.webhooks.map((attempt) => attempt.at);
    // Timers may fire a millisecond early by Date.now, never much: 8, 16, 20, 20.
    [8, 16, 20, 20].forEach((pause, index) => {
      expect((at[index + 1] as number) - (at[index] as number)).toBeGreaterThanOrEqual(pause - 2);
    });
  });

  it('waits for a receiver that is not there yet', async () => {
    const { sim, receiver } = await simulate();
    const other = await receive();
    sim.world.app(DEFAULT_WORLD.appId).callback!.url = other.url;
    await other.close();
    sim.customer(ANN).write(NUMBER, 'hi');
    await sim.until(() => sim.webhooks.length >= 2);
    expect(sim.webhooks[0]).toMatchObject({ status: 0, error: expect.stringContaining('ECONNREFUSED') });
    expect(sim.counts.pending).toBe(1);
    expect(receiver.webhooks).toHaveLength(0);
  });

  it('is dropped when the time is over', async () => {
    const { sim, receiver } = await simulate({ retry: { firstMs: 1, giveUpAfterMs: 5 } });
    receiver.answers = Array.from({ length: 100 }, () => 500);
    sim.customer(ANN).write(NUMBER, 'hi');
    await sim.idle();
    expect(sim.counts).toMatchObject({ delivered: 0, dropped: 1 });
  });

  it('goes to every subscribed app, each with its own secret', async () => {
    const { sim, receiver } = await simulate();
    const other = await receive();
    sim.world.addApp({ id: '77', secret: 's7', callback: { url: other.url, verifyToken: 'v', fields: ['messages'] } });
    sim.world.subscribe(WABA, '77');
    sim.customer(ANN).write(NUMBER, 'hi');
    await sim.idle();
    expect(receiver.webhooks).toHaveLength(1);
    const { bytes, headers } = other.webhooks[0] as (typeof other.webhooks)[0];
    expect(headers['x-hub-signature-256']).toBe(`sha256=${createHmac('sha256', 's7').update(bytes).digest('hex')}`);
  });

  it('of an account field carries the time', async () => {
    const { sim, receiver } = await simulate({ now: () => 1_739_321_024_500 });
    sim.emit('account_update', WABA, { event: 'DISABLED_UPDATE' });
    await sim.idle();
    expect(receiver.webhooks[0]?.json.entry).toEqual([
      { id: WABA, time: 1_739_321_024, changes: [{ field: 'account_update', value: { event: 'DISABLED_UPDATE' } }] },
    ]);
  });
});

describe('postWebhook', () => {
  it('sends exactly these bytes, signed, forged or unsigned', async () => {
    const { sim, receiver } = await simulate();
    await sim.postWebhook(Buffer.from('{ "x" : 1 }'));
    await sim.postWebhook({ x: 'ü' }, { signature: 'sha256=00' });
    const reply = await sim.postWebhook('{}', { signature: null, headers: { 'x-more': '1' } });
    expect(reply.status).toBe(200);
    const [raw, forged, unsigned] = receiver.webhooks;
    expect(raw?.bytes.toString()).toBe('{ "x" : 1 }');
    expect(raw?.headers['x-hub-signature-256']).toMatch(/^sha256=[0-9a-f]{64}$/);
    expect([forged?.bytes.toString(), forged?.headers['x-hub-signature-256']]).toEqual([
      '{"x":"\\u00fc"}',
      'sha256=00',
    ]);
    expect([unsigned?.headers['x-hub-signature-256'], unsigned?.headers['x-more']]).toEqual([undefined, '1']);
  });

  it('does not insist', async () => {
    const { sim, receiver } = await simulate();
    receiver.answers = [401];
    expect((await sim.postWebhook({})).status).toBe(401);
    await sim.idle();
    expect(receiver.webhooks).toHaveLength(1);
  });
});
