import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FIELDS, INSTAGRAM, OTHER, PAGE, engagePages, openPages } from '../support/pages.js';
import { type Stage, WORLD } from '../support/stage.js';

interface Step {
  readonly id: string;
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly detail: string;
  readonly advice?: string;
  readonly where?: string;
}

interface Examined {
  readonly ok: boolean;
  readonly steps: readonly Step[];
}

/** What is done to a set-up that is right otherwise; it is undone after the examination. */
interface Case {
  readonly name: string;
  readonly change: () => void;
  readonly undo: () => void;
  readonly failed: readonly string[];
  readonly warning?: readonly string[];
  /** words of a step that is not right */
  readonly says: RegExp;
}

describe('the doctor of a gateway with pages alone', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openPages();
  }, 180_000);

  afterAll(() => stage.close());

  const ofPages = async (): Promise<Examined> => {
    const { status, text, body } = await stage.patchbay.call<Examined>('GET', `/gateways/${stage.uri}/doctor`);
    expect(status).toBe(200);
    expect(text).not.toMatch(/EAAPage|EAAOwner/);
    return body;
  };
  const idsOf = ({ steps }: Examined, status: Step['status']) =>
    steps.filter((step) => step.status === status).map(({ id }) => id);
  const token = () => stage.sim.world.token(`EAAPage${PAGE}`);
  const page = () => stage.sim.pages.pages.get(PAGE);
  const callback = (url: string, fields: readonly string[] = FIELDS.page) =>
    stage.sim.pages.setCallback(WORLD.appId, 'page', url, [...fields]);
  const ours = () => `${stage.patchbay.url}/chat/${stage.uri}`;

  it('says that a token is there, and no page yet', async () => {
    const found = await ofPages();
    const pages = found.steps.find(({ id }) => id === 'pages');
    expect(pages).toMatchObject({ status: 'warning', where: `GET /chat/${stage.uri}?pages=setup` });
    await stage.patchbay.command(stage.uri, 'pages=setup');
    const idle = await ofPages();
    expect(idle.steps.find(({ id }) => id === 'pages')).toMatchObject({
      status: 'failed',
      where: `GET /chat/${stage.uri}?pages=subscribe`,
    });
    // those that are known are looked at, so that they can be set right before they are used
    expect(idle.steps.find(({ id }) => id === 'page')?.detail).toContain(OTHER);
  });

  it('finds a right set-up right, and leaves out what concerns WhatsApp', async () => {
    await engagePages(stage);
    const found = await ofPages();
    expect([found.ok, idsOf(found, 'failed'), idsOf(found, 'warning')]).toEqual([true, [], ['public_url']]);
    expect(idsOf(found, 'ok')).toEqual(
      expect.arrayContaining([
        'token',
        'pages',
        'page_token',
        'page_scopes',
        'page',
        'instagram',
        'page_webhook',
        'page_subscription',
      ]),
    );
    expect(idsOf(found, 'skipped')).toEqual(expect.arrayContaining(['accounts', 'app_webhook', 'number', 'payment']));
    expect(found.steps.find(({ id }) => id === 'pages')?.detail).toBe(
      `Active: Acme (${PAGE}); acme.shop (${INSTAGRAM}) on Instagram.`,
    );
  });

  const CASES: readonly Case[] = [
    {
      name: 'a token that was revoked',
      change: () => void (token().valid = false),
      undo: () => void (token().valid = true),
      failed: ['page_token'],
      says: new RegExp(`Acme \\(${PAGE}\\): .*The session has been invalidated`),
    },
    {
      name: 'a token that ends soon',
      change: () => void (token().expiresAt = Math.floor(Date.now() / 1_000) + 3 * 86_400),
      undo: () => void (token().expiresAt = 0),
      failed: [],
      warning: ['page_token'],
      says: /Tokens of pages end soon: Acme/,
    },
    {
      name: 'a token without the permission for messages',
      change: () => void (token().scopes = token().scopes.filter((scope) => scope !== 'pages_messaging')),
      undo: () => void token().scopes.push('pages_messaging'),
      failed: ['page_scopes'],
      says: /lacks pages_messaging/,
    },
    {
      name: 'a token without the permission to be subscribed',
      change: () => void (token().scopes = token().scopes.filter((scope) => scope !== 'pages_manage_metadata')),
      undo: () => void token().scopes.push('pages_manage_metadata'),
      failed: ['page_scopes', 'page_subscription'],
      says: /Not to be seen: .*Requires pages_manage_metadata/,
    },
    {
      name: 'an Instagram account that was unlinked',
      change: () => void stage.sim.pages.add({ id: PAGE, instagram: undefined }),
      undo: () =>
        void stage.sim.pages.add({ id: PAGE, instagram: { id: INSTAGRAM, username: 'acme.shop', name: 'Acme' } }),
      failed: ['instagram'],
      says: new RegExp(`has no account, and not acme.shop \\(${INSTAGRAM}\\)`),
    },
    {
      name: 'a subscription that was lost',
      change: () => page()?.subscriptions.clear(),
      undo: () => void page()?.subscriptions.set(WORLD.appId, subscriptions),
      failed: ['page_subscription'],
      says: /has not got the app/,
    },
    {
      name: 'a subscription without messages',
      change: () => void page()?.subscriptions.set(WORLD.appId, ['feed']),
      undo: () => void page()?.subscriptions.set(WORLD.appId, subscriptions),
      failed: ['page_subscription'],
      says: /without the field messages/,
    },
    {
      name: "a webhook of another owner's",
      change: () => callback('https://other.example/hook'),
      undo: () => callback(ours()),
      failed: ['page_webhook'],
      says: /belongs to https:\/\/other\.example\/hook/,
    },
    {
      name: 'a webhook without messages',
      change: () => callback(ours(), ['messaging_postbacks']),
      undo: () => callback(ours()),
      failed: ['page_webhook'],
      says: /Without messages, nothing that people write comes in/,
    },
  ];
  let subscriptions: string[] = [];

  it.each(CASES)('finds $name, and says what to do', async ({ change, undo, failed, warning = [], says }) => {
    subscriptions = [...(page()?.subscriptions.get(WORLD.appId) ?? [])];
    change();
    try {
      const found = await ofPages();
      expect([found.ok, idsOf(found, 'failed')]).toEqual([failed.length === 0, failed]);
      expect(idsOf(found, 'warning')).toEqual(expect.arrayContaining([...warning]));
      const wrong = found.steps.filter(({ status }) => status === 'failed' || status === 'warning');
      expect(wrong.map(({ detail }) => detail).join('\n')).toMatch(says);
      for (const { advice } of wrong) expect(advice?.length).toBeGreaterThan(5);
      for (const { detail } of found.steps.filter(({ status }) => status === 'skipped'))
        expect(detail).toMatch(/^Not /);
    } finally {
      undo();
    }
    expect((await ofPages()).ok).toBe(true);
  });

  it('is of use to mend it: setup and subscribe, and all is well', async () => {
    page()?.subscriptions.clear();
    token().valid = false;
    stage.sim.pages.add({ id: PAGE, token: 'EAAPageRenewed' });
    expect(idsOf(await ofPages(), 'failed')).toEqual(['page_token']);
    await stage.patchbay.command(stage.uri, 'pages=setup');
    await stage.patchbay.command(stage.uri, 'instagram=setup');
    expect(idsOf(await ofPages(), 'failed')).toEqual(['page_subscription']);
    await stage.patchbay.command(stage.uri, `pages=subscribe&id=${PAGE}`);
    expect((await ofPages()).ok).toBe(true);
  });
});
