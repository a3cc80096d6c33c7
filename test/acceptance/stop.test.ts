import { describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, startPatchbay } from '../support/patchbay.js';
import { WORLD, engage, openStage } from '../support/stage.js';

/** What is in flight gets 25 s; a stop that takes them without need hangs on something. */
const PROMPT_MS = 10_000;

describe('a stop at any moment', () => {
  it('is prompt also when a message was taken an instant ago, and the message goes out once', async () => {
    // Started again on the same data, so the database is its own.
    const folder = await mkdtemp(join(tmpdir(), 'patchbay-stop-'));
    const stage = await openStage({ patchbay: { dataDir: join(folder, 'data') } });
    let { patchbay } = stage;
    try {
      await engage(stage);
      const customer = stage.sim.customer('16505551234');
      customer.write(WORLD.phoneNumberId, 'hi');
      await stage.bot.waitFor(({ type }) => type === 'message.received');
      const ids: string[] = [];
      // Each time the stop meets admission, the job and the sender at another point.
      for (const waitMs of [0, 3, 8]) {
        const { body } = await patchbay.call<{ id: string }>('POST', '/messages', {
          body: { gateway: stage.uri, to: '+16505551234', content: { type: 'text', text: `message ${ids.length}` } },
        });
        ids.push(body.id);
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        const began = performance.now();
        expect(await patchbay.stop()).toEqual({ code: 0, signal: null });
        expect(performance.now() - began).toBeLessThan(PROMPT_MS);
        const port = Number(new URL(patchbay.url).port);
        patchbay = await startPatchbay({ dataDir: patchbay.dataDir, port, env: { GRAPH_URL: stage.sim.url } });
      }
      for (const id of ids) {
        await eventually('delivery', async () => {
          const { body } = await patchbay.call<{ status: string }>('GET', `/messages/${id}`);
          return body.status === 'delivered';
        });
      }
      expect(stage.sim.sent.map(({ text }) => text)).toEqual(['message 0', 'message 1', 'message 2']);
    } finally {
      await patchbay.dispose();
      await stage.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
