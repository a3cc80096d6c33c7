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
