import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { INSTAGRAM, OTHER, PAGE, engagePages, openPages } from '../support/pages.js';
import { eventually } from '../support/patchbay.js';
import type { Stage } from '../support/stage.js';

interface AccountBody {
  readonly name: string;
  readonly readAt?: string;
  readonly readError?: string;
}

describe('pages and Instagram accounts are asked how they are', () => {
  let stage: Stage;
  let tokens = 0;

  beforeAll(async () => {
    stage = await openPages({ env: { ACCOUNT_REFRESH_SECONDS: '10' } });
    await engagePages(stage);
  }, 180_000);

  afterAll(() => stage.close());

  const call = <T>(method: string, path: string, body?: object) =>
    stage.patchbay.call<T>(method, path, body && { body });
  const account = async (address: string) => (await call<AccountBody>('GET', `/accounts/${address}`)).body;
  const warnings = async (): Promise<string> =>
    (await call<{ warnings: string[] }>('GET', `/gateways/${stage.uri}`)).body.warnings.join('\n');
  const command = (query: string) => stage.patchbay.command(stage.uri, query);

  /** The page gets another token: the one that it had is dead. */
  function renewToken(): string {
    const { pages, world } = stage.sim;
    const before = pages.pages.get(PAGE)?.token ?? '';
    tokens += 1;
    pages.add({ id: PAGE, token: `EAAPageRenewed${tokens}` });
    world.token(before).valid = false;
    return `EAAPageRenewed${tokens}`;
  }

  beforeEach(() => {
    stage.sim.pages.add({ id: PAGE, name: 'Acme', instagram: { id: INSTAGRAM, username: 'acme.shop', name: 'Acme' } });
  });

  it('and whatever has changed is stored, and told', async () => {
    stage.sim.pages.add({ id: PAGE, name: 'Acme & Co' });
    const event = await stage.bot.waitForNews(
      ({ type, account: about }) => type === 'account.updated' && about?.id === PAGE,
    );
    expect(event).toMatchObject({
      channel: 'facebook',
      account: { id: PAGE, name: 'Acme & Co' },
      changes: expect.arrayContaining([{ field: 'name', from: 'Acme', to: 'Acme & Co' }]),
    });
    expect(await account(PAGE)).toMatchObject({ name: 'Acme & Co', readAt: expect.any(String) });
  });

  it('at once where a person asks for it, as the page itself', async () => {
    stage.sim.pages.add({ id: PAGE, instagram: { id: INSTAGRAM, username: 'acme.store', name: 'Acme' } });
    const { status, body } = await call<AccountBody>('POST', `/accounts/${INSTAGRAM}/refresh`);
    expect([status, body.name]).toEqual([200, 'acme.store']);
    const asked = stage.sim.requests.filter(
      ({ method, path, query }) => method === 'GET' && path === `/${PAGE}` && query,
    );
    expect(asked.length).toBeGreaterThan(0);
  });

  it('a token that has died is a warning of its account alone, which ends when setup has read another', async () => {
    renewToken();
    for (const address of [PAGE, INSTAGRAM]) {
      await eventually(`a warning of ${address}`, async () => (await warnings()).includes(`the account ${address}`));
      await eventually('the reason', async () => (await account(address)).readError?.startsWith('190: '));
    }
    expect(await warnings()).toContain('Run setup: it reads a new token of the page.');
    expect(await warnings()).not.toContain('EAAPage');
    expect((await call('GET', `/gateways/${stage.uri}`)).body).toMatchObject({ status: 'ok' });
    await command('pages=setup');
    await command('instagram=setup');
    await eventually('that nothing is to be warned of', async () => (await warnings()) === '');
    for (const address of [PAGE, INSTAGRAM]) expect(await account(address)).not.toHaveProperty('readError');
  });

  it('an Instagram account that the page has lost is named', async () => {
    stage.sim.pages.add({ id: PAGE, instagram: undefined });
    const lost = await eventually('the reason', async () => {
      const { readError } = await account(INSTAGRAM);
      return readError !== undefined && readError;
    });
    expect(lost).toContain('has not got this account any more');
    expect(await account(PAGE)).not.toHaveProperty('readError');
    const { status, body } = await call<{ code: string; detail: string }>('POST', `/accounts/${INSTAGRAM}/refresh`);
    expect([status, body.code]).toEqual([422, 'account.refused']);
    expect(body.detail).toContain('link it again');
  });

  it('and what nobody has activated was left alone all the time', async () => {
    expect(stage.sim.requests.filter(({ path }) => path === `/${PAGE}`).length).toBeGreaterThan(3);
    expect(stage.sim.requests.filter(({ path }) => path.startsWith(`/${OTHER}`))).toEqual([]);
    expect(await account(OTHER)).not.toHaveProperty('readError');
  });
});
