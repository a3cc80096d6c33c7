import { expect, it } from '@jest/globals';
import { DEFAULT_WORLD } from './simulator.js';
import { NUMBER, simulate } from './simulation.fixture.js';

const authorization = `Bearer ${DEFAULT_WORLD.token}`;

it('gives back the bytes that were uploaded, to those with a token', async () => {
  const { sim, graph } = await simulate();
  const bytes = Buffer.from([0, 13, 10, 45, 45, 255]);
  const form = new FormData();
  form.set('messaging_product', 'whatsapp');
  form.set('file', new Blob([bytes], { type: 'image/png' }), 'a.png');
  const uploaded = await fetch(`${sim.url}/v26.0/${NUMBER}/media`, {
    method: 'POST',
    headers: { authorization },
    body: form,
  });
  const { id } = (await uploaded.json()) as { id: string };
  const { body } = await graph('GET', `/${id}`);
  expect(body).toMatchObject({
    id,
    mime_type: 'image/png',
    file_size: 6,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  const download = await fetch(body.url, { headers: { authorization } });
  expect(Buffer.from(await download.arrayBuffer())).toEqual(bytes);
  expect((await fetch(body.url)).status).toBe(401);
  expect((await graph('DELETE', `/${id}`)).body).toEqual({ success: true });
  expect((await graph('GET', `/${id}`)).status).toBe(400);
});

it('holds what a customer sends', async () => {
  const { sim, graph } = await simulate();
  const { id } = sim.addMedia(Buffer.from('voice'), 'audio/ogg');
  expect((await graph('GET', `/${id}`)).body.mime_type).toBe('audio/ogg');
});

it('gives out addresses that are over after five minutes, and ids that are over after seven days', async () => {
  const { sim, graph } = await simulate();
  const { id, url } = sim.addMedia(Buffer.from('voice'), 'audio/ogg');
  const get = async (address: string): Promise<number> => (await fetch(address, { headers: { authorization } })).status;
  expect(await get(url)).toBe(200);
  expect(await get(url.replace(/hash=.*/, 'hash=forged'))).toBe(404);
  sim.advance(5 * 60_000);
  expect(await get(url)).toBe(404);
  expect(await get((await graph('GET', `/${id}`)).body.url)).toBe(200);
  sim.advance(7 * 24 * 60 * 60_000);
  expect((await graph('GET', `/${id}`)).body.error).toMatchObject({ code: 100, error_subcode: 33 });
});

it('damages as many downloads as it is told, and leads elsewhere', async () => {
  const { sim } = await simulate();
  const get = (address: string) => fetch(address, { headers: { authorization }, redirect: 'manual' });
  const { url } = sim.addMedia(Buffer.from('voice'), 'audio/ogg', { corruptTimes: 1 });
  expect(await (await get(url)).text()).not.toBe('voice');
  expect(await (await get(url)).text()).toBe('voice');
  const led = await get(sim.addMedia(Buffer.from('x'), 'image/png', { redirect: 'http://127.0.0.1:1/' }).url);
  expect([led.status, led.headers.get('location')]).toEqual([302, 'http://127.0.0.1:1/']);
});

it('sends only files that are there, and fails later what does not fit', async () => {
  const { sim, graph } = await simulate({ window: 'open' });
  const send = (type: string, id: string) =>
    graph('POST', `/${NUMBER}/messages`, { messaging_product: 'whatsapp', to: '+16505551234', type, [type]: { id } });
  expect((await send('image', '123')).body.error).toMatchObject({
    code: 100,
    message: expect.stringContaining('image'),
  });
  const { id } = sim.addMedia(Buffer.from('text'), 'text/plain');
  expect((await send('document', id)).status).toBe(200);
  const { body } = await send('image', id);
  const wamid = body.messages[0].id as string;
  await sim.idle();
  expect(sim.customer('+16505551234').received.map(({ id: seen }) => seen)).not.toContain(wamid);
  sim.forgetMedia(id);
  expect((await send('document', id)).status).toBe(400);
});
