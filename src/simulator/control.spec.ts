import { describe, expect, it } from '@jest/globals';
import { ANN, NUMBER, simulate, WABA } from './simulation.fixture.js';
import type { Simulation } from './simulation.fixture.js';

/** A caller that knows nothing but HTTP. */
async function control(
  { sim }: Simulation,
  method: string,
  path: string,
  body?: unknown,
  // The specs look into answers of every shape.
  // oxlint-disable-next-line typescript/no-explicit-any
): Promise<{ status: number; body: any }> {
  const response = await fetch(`${sim.url}/_sim${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

describe('the control API', () => {
  it('writes as a customer and shows what the customer got', async () => {
    const simulation = await simulate();
    const { send, receiver } = simulation;
    const { body } = await control(simulation, 'POST', `/customers/${ANN}/messages`, {
      number: NUMBER,
      message: 'hi',
      customer: { name: 'Ann' },
    });
    expect((await control(simulation, 'GET', '/idle')).body).toEqual({ success: true });
    expect(receiver.values[0]).toMatchObject({ contacts: [{ profile: { name: 'Ann' } }], messages: [{ id: body.id }] });
    const waiting = control(simulation, 'GET', `/customers/%2B${ANN}/received?count=1&waitMs=5000`);
    await send();
    expect((await waiting).body).toMatchObject([{ phone: ANN, text: 'hello' }]);
    for (const [path, length] of [
      ['/sent', 1],
      ['/requests', 1],
    ] as const) {
      expect((await control(simulation, 'GET', path)).body).toHaveLength(length);
    }
    await simulation.sim.idle();
    expect((await control(simulation, 'GET', '/webhooks')).body).toHaveLength(3);
  });

  it('adds and removes faults', async () => {
    const simulation = await simulate({ window: 'open' });
    const added = await control(simulation, 'POST', '/faults', {
      match: { pathPattern: 'messages$', times: 1 },
      do: { error: { code: 130429 } },
    });
    expect(added.body).toMatchObject([{ id: 1, hits: 0 }]);
    expect((await simulation.send()).body.error.code).toBe(130429);
    expect((await control(simulation, 'GET', '/faults')).body).toMatchObject([{ hits: 1 }]);
    await control(simulation, 'DELETE', '/faults');
    expect((await control(simulation, 'GET', '/faults')).body).toEqual([]);
    const wrong = await control(simulation, 'POST', '/faults', { do: { explode: true } });
    expect(wrong).toMatchObject({ status: 400, body: { error: expect.stringContaining('explode') } });
  });

  it('merges a world and shows it', async () => {
    const simulation = await simulate();
    const { body } = await control(simulation, 'POST', '/world', {
      apps: [{ id: '77', secret: 's' }],
      tokens: [{ token: 'T', appId: '77' }],
      wabas: [{ id: '55', name: 'New', phoneNumbers: [{ id: '66' }] }],
    });
    expect(body.wabas.map(({ id }: { id: string }) => id)).toEqual([WABA, '55']);
    expect((await simulation.graph('GET', '/66', undefined, 'T')).body.id).toBe('66');
    const { body: world } = await control(simulation, 'GET', '/world');
    expect(world.wabas[1]).toMatchObject({ name: 'New', phoneNumbers: [{ id: '66', status: 'CONNECTED' }] });
  });

  it('releases statuses, moves time, changes the window, emits and resets', async () => {
    const simulation = await simulate({ statuses: { sentMs: 0, deliveredMs: 0 } });
    const { sim, send, receiver } = simulation;
    await control(simulation, 'POST', '/faults', { do: { withholdStatuses: true } });
    await control(simulation, 'POST', `/customers/${ANN}/messages`, { message: 'hi' });
    const { body } = await send();
    await sim.until(() => sim.counts.withheld === 2);
    expect((await control(simulation, 'POST', '/statuses/release')).body).toEqual({ released: 2 });
    await control(simulation, 'POST', '/statuses', { id: body.messages[0].id, status: 'played' });
    await control(simulation, 'POST', '/emit', { field: 'security', waba: WABA, value: { event: 'PIN_CHANGED' } });
    await sim.idle();
    expect(receiver.statuses.map(({ status }) => status)).toEqual(expect.arrayContaining(['delivered', 'played']));
    await control(simulation, 'POST', '/clock', { advanceMs: 86_400_000 });
    expect((await send()).body.error.code).toBe(131047);
    await control(simulation, 'POST', '/window', { mode: 'open' });
    expect((await send()).status).toBe(200);
    await control(simulation, 'POST', '/reset');
    expect((await control(simulation, 'GET', '/')).body).toMatchObject({ window: 'strict', counts: { sent: 0 } });
  });

  it.each([
    ['GET', '/nothing', undefined, 404],
    ['POST', '/emit', {}, 400],
    ['POST', '/foreign', {}, 400],
    ['POST', '/numbers/999', {}, 400],
    ['POST', '/limits', { mode: 'strict' }, 400],
    ['POST', '/clock', { advanceMs: 'x' }, 400],
    ['POST', '/window', { mode: 'ajar' }, 400],
    ['POST', `/customers/${ANN}/messages`, { number: '999', message: 'x' }, 400],
    ['POST', '/statuses', { id: 'wamid.none', status: 'read' }, 400],
    ['GET', '/customers/%zz/received', undefined, 500],
  ])('refuses %s %s %j', async (method, path, body, status) => {
    const reply = await control(await simulate(), method, path, body);
    expect(reply).toMatchObject({ status, body: { error: expect.any(String) } });
  });
});
