import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/patchbay.js';
import { type Stage, WORLD, engage, openStage } from '../support/stage.js';

type Body = Record<string, unknown>;

const DAY = 24 * 3_600_000;
const TEXT = { type: 'BODY', text: 'Order {{1}} for {{2}} is ready', example: { body_text: [['7', 'Ann']] } };

describe('templates made by the API', () => {
  let stage: Stage;
  let last = 16_505_560_000;

  beforeAll(async () => {
    stage = await openStage();
    await engage(stage);
  });

  afterAll(() => stage.close());

  const call = (method: string, path: string, body?: Body) =>
    stage.patchbay.call<Body>(method, path, body === undefined ? {} : { body });

  const create = (name: string, more: Body = {}) =>
    call('POST', '/templates', {
      gateway: stage.uri,
      group: WORLD.wabaId,
      name,
      language: 'en_US',
      category: 'UTILITY',
      components: [TEXT],
      ...more,
    });

  const get = async (id: unknown): Promise<Body> => (await call('GET', `/templates/${String(id)}`)).body;

  const becomes = (id: unknown, status: string) =>
    eventually(`the template to be ${status}`, async () => (await get(id))['status'] === status);

  function review(name: string, event: 'APPROVED' | 'REJECTED' | 'PAUSED', more: object = {}): void {
    stage.sim.advance(1_000); // news is told apart by its second
    stage.sim.reviewTemplate({ name, event, ...more });
  }

  const send = (name: string, params: Body = { body: ['7', 'Ann'] }) =>
    call('POST', '/messages', {
      gateway: stage.uri,
      to: `+${(last += 1)}`,
      content: { type: 'template', name, language: 'en_US', params },
    });

  const reaches = (id: unknown, ...statuses: string[]) =>
    eventually(`the message to be ${statuses.join(' or ')}`, async () => {
      const { body } = await call('GET', `/messages/${String(id)}`);
      return statuses.includes(String(body['status'])) && body;
    });

  it('are reviewed, sent, paused, held, unpaused; every change is an event', async () => {
    const created = await create('order_ready');
    expect([created.status, created.body]).toMatchObject([
      201,
      {
        name: 'order_ready',
        status: 'PENDING',
        class: 'utility',
        group: { id: WORLD.wabaId },
        parameters: { format: 'positional', body: ['1', '2'] },
        components: [TEXT],
        providerId: expect.any(String),
      },
    ]);
    const { id } = created.body;
    expect((await send('order_ready')).body).toMatchObject({ code: 'template.unavailable' });
    review('order_ready', 'APPROVED');
    await becomes(id, 'APPROVED');
    await reaches((await send('order_ready')).body['id'], 'delivered');

    review('order_ready', 'PAUSED', { title: 'FIRST_PAUSE' });
    await becomes(id, 'PAUSED');
    expect(await get(id)).toMatchObject({ reason: 'FIRST_PAUSE', pausedUntil: expect.any(String) });
    const held = await send('order_ready');
    expect(await reaches(held.body['id'], 'held')).toMatchObject({ held: { reason: 'template' } });
    review('order_ready', 'APPROVED', { title: 'UNPAUSE' });
    await reaches(held.body['id'], 'delivered');

    const told = stage.bot.news.filter(({ type }) => type === 'template.updated') as unknown as Body[];
    const about = told.filter(({ template }) => (template as Body)['id'] === id);
    expect(about.map(({ change, template }) => [change, (template as Body)['status']])).toEqual([
      ['created', 'PENDING'],
      ['changed', 'APPROVED'],
      ['changed', 'PAUSED'],
      ['changed', 'APPROVED'],
    ]);
  });

  it('are refused here with the reason that the network would give, and it is not asked', async () => {
    const before = stage.sim.counts.requests;
    const { status, body } = await create('Order Ready', { components: [{ type: 'BODY', text: '{{1}} is ready' }] });
    expect([status, body]).toMatchObject([
      422,
      {
        code: 'template.name',
        errors: [
          { path: 'name', code: 'template.name' },
          { path: 'components[0].text', code: 'template.variables' },
          { path: 'components[0].example.body_text', code: 'template.sample' },
        ],
      },
    ]);
    expect(stage.sim.counts.requests).toBe(before);
  });

  it('are refused by the network in its own words', async () => {
    const { status, body } = await create('order_ready');
    expect([status, body]).toMatchObject([422, { code: 'template.exists', provider: { code: 100, subcode: 2388024 } }]);
    stage.sim.faults.add({
      match: { method: 'POST', path: '/message_templates', nth: 1 },
      do: { error: { code: 80007 } },
    });
    expect(await create('later')).toMatchObject({ status: 502, body: { code: 'provider.refused' } });
    stage.sim.faults.clear();
  });

  it('are edited in the states in which the network lets them', async () => {
    const { body: created } = await create('survey', { category: 'MARKETING' });
    const path = `/templates/${String(created['id'])}`;
    const components = [{ type: 'BODY', text: 'Tell us what you think' }];
    expect(await call('PATCH', path, { components })).toMatchObject({
      status: 422,
      body: { code: 'template.edit', provider: { subcode: 2388039 } },
    });
    review('survey', 'REJECTED', { reason: 'PROMOTIONAL' });
    await becomes(created['id'], 'REJECTED');
    expect(await get(created['id'])).toMatchObject({ reason: 'PROMOTIONAL' });
    const edited = await call('PATCH', path, { components, category: 'UTILITY' });
    expect(edited).toMatchObject({ status: 200, body: { status: 'PENDING', category: 'UTILITY', components } });
    expect(edited.body).not.toHaveProperty('reason');
    review('survey', 'APPROVED');
    await becomes(created['id'], 'APPROVED');
    await reaches((await send('survey', {})).body['id'], 'delivered');
    expect(await call('PATCH', path, { components: [] })).toMatchObject({ status: 422 });
    expect(await call('PATCH', path, { colour: 'red' })).toMatchObject({ status: 400 });
  });

  it('are deleted by id or by name, and the name is blocked', async () => {
    const english = await create('old_news');
    const ukrainian = await create('old_news', { language: 'uk' });
    expect((await call('DELETE', `/templates/${String(english.body['id'])}`)).status).toBe(204);
    expect([await get(english.body['id']), await get(ukrainian.body['id'])]).toMatchObject([
      { status: 'DELETED' },
      { status: 'PENDING' },
    ]);
    expect(await create('old_news')).toMatchObject({ status: 422, body: { code: 'template.name_blocked' } });
    expect((await call('DELETE', `/templates?gateway=${stage.uri}&name=old_news`)).status).toBe(204);
    expect(await get(ukrainian.body['id'])).toMatchObject({ status: 'DELETED' });
    expect(stage.sim.world.wabas.get(WORLD.wabaId)?.templates.has('old_news/uk')).toBe(false);
    stage.sim.advance(30 * DAY);
    expect((await create('old_news')).body).toMatchObject({ id: english.body['id'], status: 'PENDING' });
  });

  it('are read anew when a person asks', async () => {
    stage.sim.world.addTemplate(WORLD.wabaId, { name: 'made_elsewhere' });
    const { status, body } = await call('POST', '/templates/sync', { gateway: stage.uri });
    expect([status, body]).toMatchObject([200, { items: [{ group: { id: WORLD.wabaId }, result: 'done' }] }]);
    const { body: page } = await call('GET', `/templates?gateway=${stage.uri}&name=made_elsewhere`);
    expect(page).toMatchObject({ items: [{ status: 'APPROVED' }] });
    expect(await call('POST', '/templates/sync', { gateway: 'nowhere' })).toMatchObject({ status: 422 });
    expect(await call('POST', '/templates/sync', { group: '1' })).toMatchObject({ body: { code: 'group.unknown' } });
  });

  it('are paced: what the network holds back is accepted, and fails late when people did not like it', async () => {
    stage.sim.world.addTemplate(WORLD.wabaId, { name: 'promo', category: 'MARKETING', pacing: true });
    await call('POST', '/templates/sync', {});
    const first = await send('promo', {});
    await reaches(first.body['id'], 'accepted');
    stage.sim.advance(1_000);
    stage.sim.decidePacing('promo', 'bad');
    expect(await reaches(first.body['id'], 'failed')).toMatchObject({
      error: { code: 'template.paused', provider: { code: 132015 } },
    });
    const next = await send('promo', {});
    expect(await reaches(next.body['id'], 'held')).toMatchObject({ held: { reason: 'template' } });
    review('promo', 'APPROVED');
    await reaches(next.body['id'], 'delivered');
  });

  it('belong to whoever may see their gateway, and are changed by whoever may write', async () => {
    const key = await call('POST', '/keys', { name: 'reader', permissions: ['gateways:read'] });
    const as = (method: string, path: string, body?: Body) =>
      stage.patchbay.call<Body>(method, path, { key: String(key.body['key']), ...(body && { body }) });
    const [item] = (await as('GET', '/templates')).body['items'] as Body[];
    expect((await as('GET', `/templates/${String(item?.['id'])}`)).status).toBe(200);
    for (const [method, path, body] of [
      ['POST', '/templates', {}],
      ['POST', '/templates/sync', {}],
      ['PATCH', `/templates/${String(item?.['id'])}`, {}],
      ['DELETE', `/templates/${String(item?.['id'])}`, undefined],
      ['DELETE', '/templates?name=x&gateway=acme', undefined],
    ] as const) {
      expect([method, path, (await as(method, path, body)).status]).toEqual([method, path, 403]);
    }
    expect((await call('GET', '/templates/0')).status).toBe(404);
  });
});
