import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/patchbay.js';
import { type Stage, engage, gatewayBody, openStage } from '../support/stage.js';

const DAY_MS = 24 * 60 * 60_000;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  await engage(stage);
});
afterAll(() => stage.close());

const warningsOf = async (uri: string) =>
  (await stage.patchbay.call<{ warnings: readonly string[] }>('GET', `/gateways/${uri}`)).body.warnings;

const metrics = async () => (await stage.patchbay.call('GET', '//metrics', { key: null })).text;

describe('a gateway’s warnings', () => {
  it('tell of many webhooks with a wrong signature, once in the log', async () => {
    expect(await warningsOf(stage.uri)).toEqual([]);
    const forge = () =>
      stage.patchbay.call('POST', `//chat/${stage.uri}`, {
        body: '{}',
        key: null,
        headers: { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` },
      });
    const answers = await Promise.all(Array.from({ length: 60 }, forge));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    const warnings = await eventually('the warning', async () => {
      const shown = await warningsOf(stage.uri);
      return shown.length > 0 && shown;
    });
    expect(warnings).toEqual([expect.stringContaining('wrong signature')]);
    const listed = await stage.patchbay.call<{ items: { uri: string; warnings: string[] }[] }>('GET', '/gateways');
    expect(listed.body.items.find(({ uri }) => uri === stage.uri)?.warnings).toEqual(warnings);
    const lines = stage.patchbay.logLines.filter((line) => line.includes('webhook.signatures_refused'));
    expect(lines).toHaveLength(1);
    await eventually('the gauge', async () =>
      (await metrics()).includes('patchbay_gateway_warning{gateway="acme",code="webhook.signatures_refused"'),
    );
  });

  it('tell of a token that expires soon, until there is another one', async () => {
    const expiresAt = Math.floor((Date.now() + 5 * DAY_MS) / 1000);
    stage.sim.world.addToken({ token: 'EAAGshort', expiresAt });
    const body = gatewayBody({ uri: 'shortlived', bot: stage.bot }, { metadata: { whatsapp_token: 'EAAGshort' } });
    expect((await stage.patchbay.call('POST', '/gateways', { body })).status).toBe(201);
    const warnings = await eventually('the warning', async () => {
      const shown = await warningsOf('shortlived');
      return shown.length > 0 && shown;
    });
    expect(warnings).toEqual([expect.stringContaining(new Date(expiresAt * 1000).toISOString().slice(0, 10))]);
    stage.sim.world.addToken({ token: 'EAAGlong' });
    const patch = { metadata: { whatsapp_token: 'EAAGlong' } };
    expect((await stage.patchbay.call('PATCH', '/gateways/shortlived', { body: patch })).status).toBe(200);
    await eventually('the end of the warning', async () => (await warningsOf('shortlived')).length === 0);
  });
});

describe('the metrics', () => {
  it('have the gauges that alarms are made of', async () => {
    const text = await metrics();
    for (const name of ['patchbay_in_doubt 0', 'patchbay_held', 'patchbay_unreceipted', 'patchbay_circuit_open'])
      expect(text).toContain(name);
  });
});
