import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/patchbay.js';
import { type Stage, WORLD, engage, openStage } from '../support/stage.js';

type Body = Record<string, unknown>;

interface TemplateItem {
  readonly name: string;
  readonly status: string;
  readonly category: string;
  readonly quality?: string;
  readonly class?: string;
}

describe('templates', () => {
  let stage: Stage;
  const phone = (() => {
    let last = 16_505_550_000;
    return () => `+${(last += 1)}`;
  })();

  beforeAll(async () => {
    stage = await openStage();
    const { world } = stage.sim;
    const body = (text: string) => [{ type: 'BODY', text }];
    world.addTemplate(WORLD.wabaId, { name: 'order_update', components: body('Order {{1}} for {{2}}') });
    world.addTemplate(WORLD.wabaId, { name: 'promo', category: 'MARKETING', components: body('Buy!') });
    world.addTemplate(WORLD.wabaId, { name: 'login_code', category: 'AUTHENTICATION', components: body('Code {{1}}') });
    world.addTemplate(WORLD.wabaId, { name: 'refused', status: 'REJECTED', extra: { rejected_reason: 'SCAM' } });
    await engage(stage);
    await eventually('the templates to be read', async () => (await list()).length === 4);
  });

  afterAll(() => stage.close());

  async function list(query = ''): Promise<readonly TemplateItem[]> {
    const { body } = await stage.patchbay.call<{ items: TemplateItem[] }>('GET', `/templates?gateway=acme${query}`);
    return body.items;
  }

  function send(content: Body, more: Body = {}) {
    const body = {
      gateway: stage.uri,
      to: phone(),
      content: { type: 'template', language: 'en_US', ...content },
      ...more,
    };
    return stage.patchbay.call<Body>('POST', '/messages', { body });
  }

  async function message(id: unknown): Promise<Body> {
    return (await stage.patchbay.call<Body>('GET', `/messages/${String(id)}`)).body;
  }

  function reaches(id: unknown, ...statuses: string[]): Promise<Body> {
    return eventually(`the message to be ${statuses.join(' or ')}`, async () => {
      const found = await message(id);
      return statuses.includes(String(found['status'])) && found;
    });
  }

  function tell(field: string, name: string, value: Body): void {
    stage.sim.emit(field, WORLD.wabaId, {
      message_template_id: 1,
      message_template_name: name,
      message_template_language: 'en-US',
      ...value,
    } as never);
  }

  function change(name: string, status: string): void {
    const template = stage.sim.world.wabas.get(WORLD.wabaId)?.templates.get(`${name}/en_US`);
    if (template) template.status = status;
  }

  const lists = () => stage.sim.requests.filter(({ path }) => path.endsWith('/message_templates')).length;

  it('are listed after setup, with status and quality', async () => {
    expect(await list('&name=order_update')).toMatchObject([
      {
        name: 'order_update',
        language: 'en_US',
        category: 'UTILITY',
        class: 'utility',
        status: 'APPROVED',
        channel: 'whatsapp',
        gateway: { uri: 'acme' },
        group: { id: WORLD.wabaId },
        parameters: { body: ['1', '2'] },
      },
    ]);
    expect((await list('&status=rejected')).map(({ name }) => name)).toEqual(['refused']);
    tell('message_template_quality_update', 'promo', { previous_quality_score: 'GREEN', new_quality_score: 'RED' });
    await eventually('the quality', async () => (await list('&name=promo'))[0]?.quality === 'RED');
  });

  it.each([
    ['order_update', { body: ['7', 'Ann'] }, 'utility'],
    ['promo', undefined, 'marketing'],
    ['login_code', { body: ['123456'] }, 'authentication'],
  ])('give the class: %s', async (name, params, messageClass) => {
    const { status, body } = await send({ name, ...(params && { params }) });
    expect(status).toBe(202);
    expect(body).toMatchObject({ class: messageClass });
    await reaches(body['id'], 'sent', 'delivered');
  });

  it('are refused before queueing with the wrong number of values, also as a fallback', async () => {
    const wrong = { name: 'order_update', params: { body: ['7'] } };
    const path = 'content.params.body';
    const direct = await send(wrong);
    expect([direct.status, direct.body]).toMatchObject([422, { code: 'template.parameters', errors: [{ path }] }]);
    const body = {
      gateway: stage.uri,
      to: phone(),
      content: { type: 'text', text: 'hi' },
      fallback: { type: 'template', language: 'en_US', ...wrong },
    };
    expect((await stage.patchbay.call<Body>('POST', '/messages', { body })).body).toMatchObject({
      code: 'template.parameters',
      errors: [{ path: 'fallback.params.body' }],
    });
  });

  it('are refused when the network has rejected them, with the reason', async () => {
    const { status, body } = await send({ name: 'refused' });
    expect([status, body]).toMatchObject([
      422,
      { code: 'template.unavailable', detail: expect.stringContaining('SCAM') },
    ]);
  });

  it('hold their messages while they are paused, and let them go when they are approved', async () => {
    change('promo', 'PAUSED');
    tell('message_template_status_update', 'promo', { event: 'PAUSED', other_info: { title: 'FIRST_PAUSE' } });
    await eventually('the pause', async () => (await list('&name=promo'))[0]?.status === 'PAUSED');
    const { body } = await send({ name: 'promo' });
    const held = await reaches(body['id'], 'held');
    expect(held).toMatchObject({
      held: { reason: 'template', detail: expect.stringContaining('promo'), until: expect.any(String) },
    });
    await stage.bot.waitFor(({ type, message: about }) => type === 'message.held' && about?.id === body['id']);
    const other = await send({ name: 'order_update', params: { body: ['8', 'Bob'] } });
    await reaches(other.body['id'], 'sent', 'delivered');
    expect(await message(body['id'])).toMatchObject({ status: 'held' });

    change('promo', 'APPROVED');
    stage.sim.advance(1_000);
    tell('message_template_status_update', 'promo', { event: 'APPROVED' });
    await reaches(body['id'], 'sent', 'delivered');
  });

  it('are paused by a refusal that comes before the news, and nothing is lost', async () => {
    change('order_update', 'PAUSED');
    const first = await send({ name: 'order_update', params: { body: ['9', 'Eve'] } });
    await reaches(first.body['id'], 'held');
    expect((await list('&name=order_update'))[0]).toMatchObject({ status: 'PAUSED' });
    const second = await send({ name: 'order_update', params: { body: ['10', 'Eve'] } });
    expect(await reaches(second.body['id'], 'held')).toMatchObject({ held: { reason: 'template' }, attempts: [] });
    change('order_update', 'APPROVED');
    stage.sim.advance(1_000);
    tell('message_template_status_update', 'order_update', { event: 'APPROVED' });
    for (const { body } of [first, second]) await reaches(body['id'], 'sent', 'delivered');
  });

  it('are paused by a receipt that says so late: that message has failed, the next ones are held', async () => {
    const first = await send({ name: 'order_update', params: { body: ['12', 'Zoe'] } });
    const { providerId } = await reaches(first.body['id'], 'delivered');
    const lost = await send({ name: 'order_update', params: { body: ['13', 'Zoe'] } });
    const accepted = await reaches(lost.body['id'], 'sent', 'delivered');
    expect(accepted['providerId']).not.toBe(providerId);
    stage.sim.emitStatus(String(accepted['providerId']), 'failed', { code: 132015 });
    await eventually('the pause', async () => (await list('&name=order_update'))[0]?.status === 'PAUSED');
    const next = await send({ name: 'order_update', params: { body: ['14', 'Zoe'] } });
    await reaches(next.body['id'], 'held');

    const body = { gateway: stage.uri, to: phone(), content: { type: 'text', text: 'hi' } };
    const template = { type: 'template', name: 'order_update', language: 'en_US', params: { body: ['15', 'Zoe'] } };
    const window = await stage.patchbay.call<Body>('PATCH', '/gateways/acme', {
      body: { metadata: { window_unknown: 'closed' } },
    });
    expect(window.status).toBe(200);
    const free = await stage.patchbay.call<Body>('POST', '/messages', { body: { ...body, fallback: template } });
    expect(await reaches(free.body['id'], 'held')).toMatchObject({ held: { reason: 'template' } });
    expect((await stage.patchbay.call('POST', `/messages/${String(free.body['id'])}/cancel`)).status).toBe(200);

    stage.sim.advance(1_000);
    tell('message_template_status_update', 'order_update', { event: 'APPROVED' });
    await reaches(next.body['id'], 'sent', 'delivered');
    expect(await message(free.body['id'])).toMatchObject({ status: 'cancelled' });
  });

  it('change their category by news, and with it the class of what comes', async () => {
    tell('template_category_update', 'order_update', { previous_category: 'UTILITY', new_category: 'MARKETING' });
    await eventually('the category', async () => (await list('&name=order_update'))[0]?.category === 'MARKETING');
    const { body } = await send({ name: 'order_update', params: { body: ['11', 'Joe'] } });
    expect(body).toMatchObject({ class: 'marketing' });
  });

  it('are looked up once when their name is not known, and refused then; a new one is found', async () => {
    // a reading is not repeated within a minute: what was read last must be older than that
    const before = lists();
    const answers = await Promise.all([
      send({ name: 'nowhere' }),
      send({ name: 'nowhere' }),
      send({ name: 'nowhere' }),
    ]);
    for (const { status, body } of answers) {
      expect([status, body]).toMatchObject([422, { code: 'template.unknown' }]);
    }
    expect(lists() - before).toBeLessThanOrEqual(1);
    const elsewhere = await send({ name: 'promo', language: 'uk' });
    expect(elsewhere.body).toMatchObject({ code: 'template.unknown', detail: expect.stringContaining('en_US') });

    stage.sim.world.addTemplate(WORLD.wabaId, { name: 'brand_new', category: 'UTILITY' });
    await stage.patchbay.command(stage.uri, 'whatsapp=setup');
    await eventually('the new one', async () => (await list('&name=brand_new')).length === 1);
    expect((await send({ name: 'brand_new' })).body).toMatchObject({ class: 'utility' });
  });
});

describe('without templates', () => {
  it('a group whose network lists none takes any, as marketing', async () => {
    const stage = await openStage();
    try {
      await engage(stage);
      const content = { type: 'template', name: 'anything', language: 'en_US' };
      const { status, body } = await stage.patchbay.call<Body>('POST', '/messages', {
        body: { gateway: stage.uri, to: '+16505551234', content },
      });
      expect([status, body]).toMatchObject([202, { class: 'marketing' }]);
      await stage.sim.until(() => stage.sim.sent.length === 1);
    } finally {
      await stage.close();
    }
  });
});
