import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Patchbay, eventually, freePort, startPatchbay } from '../support/patchbay.js';
import type { ListView, MessageView } from '../support/scene.js';
import { type Stage, WORLD, engage, openStage } from '../support/stage.js';

interface Pauses {
  readonly items: readonly { readonly class?: string; readonly reason: string }[];
}

/** The steps of docs/operating.md, "Backup" and "Restore". */
describe('a backup', () => {
  let stage: Stage;
  /** the process that is up at the moment */
  let patchbay: Patchbay;
  let folder: string;
  let port: number;
  let phones = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'patchbay-backup-'));
    port = await freePort();
    stage = await openStage({ patchbay: { dataDir: join(folder, 'data'), port } });
    patchbay = stage.patchbay;
    await engage(stage);
    const { world } = stage.sim;
    const components = [{ type: 'BODY', text: 'See {{1}}' }];
    world.addTemplate(WORLD.wabaId, { name: 'order_update', category: 'UTILITY', components });
    world.addTemplate(WORLD.wabaId, { name: 'promo', category: 'MARKETING', components });
    await eventually('the templates to be read', async () => {
      await patchbay.command('acme', 'whatsapp=setup');
      return (await patchbay.call<ListView<unknown>>('GET', '/templates?gateway=acme')).body.items.length === 2;
    });
  });

  afterAll(async () => {
    await patchbay.dispose();
    await stage.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  });

  async function send(name: string): Promise<{ readonly id: string; readonly phone: string }> {
    const phone = `1650556${String(1_000 + (phones += 1))}`;
    const content = { type: 'template', name, language: 'en_US', params: { body: ['1'] } };
    const body = { gateway: 'acme', to: `+${phone}`, content };
    const { status, body: message, text } = await patchbay.call<MessageView>('POST', '/messages', { body });
    if (status !== 202) throw new Error(text);
    return { id: message.id, phone };
  }

  const until = ({ id }: { readonly id: string }, status: string): Promise<MessageView> =>
    eventually(`the message to be ${status}`, async () => {
      const { body } = await patchbay.call<MessageView>('GET', `/messages/${id}`);
      return body.status === status && body;
    });
  const arrived = ({ phone }: { readonly phone: string }): number =>
    stage.sim.sent.filter((message) => message.phone === phone).length;
  const post = <T>(path: string, body?: object) => patchbay.call<T>('POST', path, { ...(body && { body }) });
  const start = (dataDir: string, env: Readonly<Record<string, string>> = {}) =>
    startPatchbay({ dataDir, port, env: { GRAPH_URL: stage.sim.url, ...env } });

  it('that is restored sends nothing by itself, and nothing twice once it was told what had left', async () => {
    const before = await send('promo');
    await until(before, 'delivered');
    await post('/limits/pause', { class: 'marketing', reason: 'later' });
    await post('/limits/pause', { class: 'utility', reason: 'later' });
    const campaign = [await send('promo'), await send('promo'), await send('promo')];
    const notices = [await send('order_update'), await send('order_update')];
    for (const message of [...campaign, ...notices]) await until(message, 'held');

    // The backup: of a process that is stopped.
    expect(await patchbay.stop()).toMatchObject({ code: 0 });
    await cp(join(folder, 'data'), join(folder, 'backup'), { recursive: true });
    patchbay = await start(join(folder, 'data'));

    // Life goes on, until the machine is lost.
    await post('/limits/resume', { class: 'marketing' });
    for (const message of campaign) await until(message, 'delivered');
    const after = await send('promo');
    await until(after, 'delivered');
    await patchbay.kill();
    const log = patchbay.logLines;

    patchbay = await start(join(folder, 'backup'), { START_HELD: 'true' });
    await patchbay.waitForLog((line) => line.includes('START_HELD'));
    const fresh = await send('promo');
    expect((await until(fresh, 'held')).held).toMatchObject({ reason: 'paused' });
    const pauses = await post<Pauses>('/limits/resume', { class: 'authentication' });
    expect(pauses.body.items.filter((pause) => pause.class === undefined)).toMatchObject([
      { reason: expect.stringContaining('START_HELD') },
    ]);
    for (const message of [...campaign, ...notices]) await until(message, 'held');
    expect((await patchbay.call('GET', `/messages/${after.id}`)).status).toBe(404);
    expect([before, ...campaign, after].map(arrived)).toEqual([1, 1, 1, 1, 1]);
    expect([...notices, fresh].map(arrived)).toEqual([0, 0, 0]);

    // What had left is in the log of the life that was lost.
    const left = log
      .filter((line) => line.includes('"msg":"sent"') && line.includes('"outcome":"accepted"'))
      .map((line) => (JSON.parse(line) as { message: string }).message);
    expect(left.toSorted()).toEqual([...campaign, after].map(({ id }) => id).toSorted());
    for (const id of left) {
      const { status } = await post(`/messages/${id}/cancel`);
      expect(status).toBe(id === after.id ? 404 : 200);
    }
    const open = await post('/messages/cancel', { all: true, dryRun: true });
    expect(open.body).toMatchObject({ matched: 3 });
    expect((await post<Pauses>('/limits/resume')).body.items).toEqual([]);
    for (const message of [...notices, fresh]) await until(message, 'delivered');
    expect([before, ...campaign, after, ...notices, fresh].map(arrived)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    expect(stage.sim.counts.sent).toBe(8);
  });
});
