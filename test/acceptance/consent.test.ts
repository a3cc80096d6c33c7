import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/patchbay.js';
import { type ProblemView, Scene } from '../support/scene.js';
import { WORLD } from '../support/stage.js';

interface Entry {
  readonly state: 'in' | 'out';
  readonly at: string;
  readonly how: string;
  readonly what?: string;
  readonly message?: string;
}

interface Consent {
  readonly all: Entry | null;
  readonly marketing: Entry | null;
}

interface ContactView {
  readonly id: string;
  readonly name: string | null;
  readonly phone?: string;
  readonly identities: readonly { kind: string; channel: string; value: string; since: string }[];
  readonly consent: Consent;
}

interface HistoryView {
  readonly contact: string;
  readonly consent: Consent;
  readonly items: readonly (Entry & { topic: string; recordedAt: string })[];
  readonly next: string | null;
}

type Imported = { items: readonly { index: number; contact?: string; error?: ProblemView }[] };

const NOTHING = { all: null, marketing: null };

describe('consent', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open();
  });

  afterAll(() => scene.close());

  const call = <T = ContactView>(method: string, path: string, body?: unknown, key?: string) =>
    scene.stage.patchbay.call<T>(method, `/contacts${path}`, {
      ...(body !== undefined && { body }),
      ...(key && { key }),
    });

  async function known(name = 'Ann') {
    const customer = scene.customer({ name });
    const { contact } = await scene.write(customer, 'hi');
    return { customer, id: contact.id };
  }

  async function consentOf(id: string): Promise<Consent> {
    const { status, body, text } = await call('GET', `/${id}`);
    if (status !== 200) throw new Error(`${status} ${text}`);
    return body.consent;
  }

  const stands = (id: string, fits: (consent: Consent) => boolean) =>
    eventually('the consent', async () => {
      const consent = await consentOf(id);
      return fits(consent) && consent;
    });

  function prefer(phone: string, value: string, timestamp: number): void {
    scene.stage.sim.emit('user_preferences', WORLD.wabaId, {
      messaging_product: 'whatsapp',
      metadata: { display_phone_number: '15550783881', phone_number_id: WORLD.phoneNumberId },
      contacts: [{ wa_id: phone }],
      user_preferences: [
        { wa_id: phone, detail: `User requested to ${value}`, category: 'marketing_messages', value, timestamp },
      ],
    });
  }

  it('is read with the contact, put on record, and kept with its history', async () => {
    const { customer, id } = await known('Ann');
    const fresh = await call('GET', `/${id}`);
    expect([fresh.status, fresh.body]).toMatchObject([
      200,
      {
        id,
        name: 'Ann',
        phone: `+${customer.phone}`,
        identities: [{ kind: 'phone', channel: 'whatsapp', value: `+${customer.phone}` }],
        consent: NOTHING,
      },
    ]);

    const at = '2026-01-02T03:04:05.000Z';
    const given = { state: 'in', at, how: 'web form', what: 'Newsletter and orders of Acme' };
    const put = await call<Entry & { consent: Consent }>('PUT', `/${id}/consent`, given);
    expect([put.status, put.body]).toMatchObject([
      200,
      { contact: id, topic: 'all', ...given, consent: { all: given, marketing: null } },
    ]);
    const out = await call('PUT', `/${id}/consent`, { state: 'out', topic: 'marketing' });
    expect([out.status, out.body]).toMatchObject([200, { topic: 'marketing', state: 'out', how: 'api' }]);

    const late = await call('PUT', `/${id}/consent`, { state: 'out', at: '2025-12-31T00:00:00Z' });
    expect([late.status, late.body]).toMatchObject([200, { topic: 'all', state: 'in', at }]);

    const { body } = await call<HistoryView>('GET', `/${id}/consent?limit=2`);
    expect(body).toMatchObject({
      contact: id,
      consent: { all: given, marketing: { state: 'out' } },
      items: [
        { topic: 'all', state: 'out', at: '2025-12-31T00:00:00.000Z' },
        { topic: 'marketing', state: 'out' },
      ],
    });
    const rest = await call<HistoryView>('GET', `/${id}/consent?limit=2&cursor=${body.next ?? ''}`);
    expect(rest.body).toMatchObject({ items: [{ topic: 'all', ...given }], next: null });
  });

  it.each<[string, object, number, string]>([
    ['a state that is none', { state: 'maybe' }, 400, 'validation.failed'],
    ['no state', {}, 400, 'validation.failed'],
    ['a topic that is none', { state: 'in', topic: 'sms' }, 400, 'validation.failed'],
    ['a day that is none', { state: 'in', at: 'yesterday' }, 400, 'validation.failed'],
    ['an unknown field', { state: 'in', until: 'x' }, 400, 'validation.failed'],
    ['a future', { state: 'in', at: '2099-01-01T00:00:00Z' }, 422, 'consent.in_future'],
  ])('is not taken with %s', async (_, body, status, code) => {
    const { id } = await known();
    const answer = await call<ProblemView>('PUT', `/${id}/consent`, body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(await consentOf(id)).toEqual(NOTHING);
  });

  it('of somebody who is not there is 404, also for a key that may not see their gateway', async () => {
    const { id } = await known();
    const other = await scene.stage.patchbay.call<{ id: string }>('POST', '/gateways', {
      body: { name: 'Other', uri: 'other', type: 'messenger', metadata: { whatsapp_token: WORLD.token } },
    });
    const keyOf = async (gateway: unknown) => {
      const body = { name: 'limited', permissions: ['messages:read'], gateways: [gateway] };
      return (await scene.stage.patchbay.call<{ key: string }>('POST', '/keys', { body })).body.key;
    };
    const key = await keyOf(other.body.id);
    const nobody = '0199aaaa-0000-7000-8000-000000000000';
    for (const [path, who] of [
      [`/${id}`, key],
      [`/${id}/consent`, key],
      [`/${nobody}`, undefined],
      ['/x', undefined],
    ] as const) {
      const answer = await call<ProblemView>('GET', path, undefined, who);
      expect([answer.status, answer.body.code]).toEqual([404, 'contact.not_found']);
    }
    expect((await call('GET', `/${id}`, undefined, await keyOf(scene.gateway['id']))).status).toBe(200);
    const refused = await call<ProblemView>('PUT', `/${id}/consent`, { state: 'in' }, key);
    expect([refused.status, refused.body.code]).toEqual([403, 'permission.missing']);
  });

  it('is imported for people known and unknown; a bad item spoils no other', async () => {
    const { id } = await known();
    const phone = scene.newPhone();
    const at = '2026-02-03T04:05:06.000Z';
    const { status, body } = await call<Imported>('POST', '/consents', {
      gateway: 'acme',
      consents: [
        { to: `+${phone}`, state: 'in', topic: 'marketing', at, what: 'Shop check-out' },
        { to: 'nobody', state: 'in' },
        { to: { contact: id }, state: 'out' },
        { to: { contact: '0199aaaa-0000-7000-8000-000000000000' }, state: 'out' },
        { to: { dialog: id }, state: 'out' },
        { to: `+${phone}`, state: 'in', sms: true },
      ],
    });
    expect(status).toBe(200);
    expect(body.items).toMatchObject([
      { index: 0, contact: expect.any(String), topic: 'marketing', state: 'in' },
      { index: 1, error: { status: 400, code: 'to.malformed' } },
      { index: 2, contact: id, topic: 'all', state: 'out' },
      { index: 3, error: { status: 422, code: 'contact.unknown' } },
      { index: 4, error: { code: 'to.malformed' } },
      { index: 5, error: { code: 'validation.failed', detail: expect.stringContaining('sms') } },
    ]);
    const stranger = body.items[0]?.contact ?? '';
    expect(await consentOf(stranger)).toEqual({
      all: null,
      marketing: { state: 'in', at, how: 'import', what: 'Shop check-out' },
    });
    expect((await consentOf(id)).all).toMatchObject({ state: 'out', how: 'import' });

    // the person that the import made is the one who writes later
    const { contact } = await scene.write(scene.stage.sim.customer(phone), 'hello');
    expect(contact.id).toBe(stranger);
  });

  it('is imported ten thousand at a time; the same again changes nothing', async () => {
    const consents = Array.from({ length: 10_000 }, (_, index) => ({
      to: `+1700${String(5_550_000 + index)}`,
      state: 'in',
      at: '2026-02-03T04:05:06Z',
      what: 'I agree that Acme sends me messages about my orders and its offers on WhatsApp',
    }));
    expect(JSON.stringify(consents).length).toBeGreaterThan(1024 * 1024);
    const first = await call<Imported>('POST', '/consents', { gateway: 'acme', consents });
    expect(first.status).toBe(200);
    expect(first.body.items.map(({ index, error }) => [index, error])).toEqual(
      consents.map((_, index) => [index, undefined]),
    );
    const again = await call<Imported>('POST', '/consents', { gateway: 'acme', consents: consents.slice(-10) });
    expect(again.body.items.map(({ contact }) => contact)).toEqual(
      first.body.items.slice(-10).map(({ contact }) => contact),
    );
    const { body } = await call<HistoryView>('GET', `/${again.body.items[0]?.contact ?? ''}/consent`);
    expect(body.items).toHaveLength(1);
    const more = await call<ProblemView>('POST', '/consents', {
      gateway: 'acme',
      consents: [...consents, consents[0]],
    });
    expect(more.status).toBe(400);
  });

  it.each<[string, object, number, string]>([
    ['unknown gateway', { gateway: 'nowhere', consents: [] }, 422, 'gateway.unknown'],
    ['unknown channel', { gateway: 'acme', channel: 'fax', consents: [] }, 422, 'channel.unknown'],
    ['no list', { gateway: 'acme' }, 400, 'validation.failed'],
  ])('import: %s', async (_, body, status, code) => {
    const answer = await call<ProblemView>('POST', '/consents', body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('is withdrawn by a word, which the bot hears too, and given again by another', async () => {
    const { customer, id } = await known();
    const wamid = customer.write(WORLD.phoneNumberId, ' Stop! ');
    const { event } = await scene.hear(wamid);
    expect(event.message?.text).toBe(' Stop! ');
    expect(await consentOf(id)).toEqual({
      all: { state: 'out', at: expect.any(String), how: 'keyword', what: 'STOP', message: event.message?.id },
      marketing: null,
    });
    await scene.write(customer, 'please stop sending me START');
    expect((await consentOf(id)).all?.state).toBe('out');
    await scene.write(customer, 'Arrêt');
    expect((await consentOf(id)).all).toMatchObject({ state: 'out', what: 'ARRET' });
    await scene.write(customer, 'start');
    expect((await consentOf(id)).all).toMatchObject({ state: 'in', what: 'START' });
    await scene.write(customer, { type: 'button', button: { text: 'STOP', payload: 'stop' } });
    expect((await consentOf(id)).all?.state).toBe('out');
    const { body } = await call<HistoryView>('GET', `/${id}/consent`);
    expect(body.items.map(({ state, what }) => `${state} ${what ?? ''}`)).toEqual([
      'out STOP',
      'in START',
      'out ARRET',
      'out STOP',
    ]);
  });

  it('goes by the words of the gateway, and by none when the list is empty', async () => {
    const gateway = String(scene.gateway['id']);
    const change = async (metadata: object) => {
      const answer = await scene.stage.patchbay.call('PATCH', `/gateways/${gateway}`, { body: { metadata } });
      if (answer.status !== 200) throw new Error(answer.text);
    };
    try {
      await change({ opt_out_words: 'enough, no more' });
      const { customer, id } = await known();
      await scene.write(customer, 'STOP');
      expect(await consentOf(id)).toEqual(NOTHING);
      await scene.write(customer, 'No more!');
      expect((await consentOf(id)).all).toMatchObject({ state: 'out', what: 'no more' });
      await change({ opt_out_words: '', opt_in_words: '' });
      const other = await known();
      for (const word of ['STOP', 'enough', 'START']) await scene.write(other.customer, word);
      expect(await consentOf(other.id)).toEqual(NOTHING);
    } finally {
      await change({ opt_out_words: null, opt_in_words: null });
    }
  });

  it('to marketing is withdrawn and given again at the network, in whatever order that is told', async () => {
    const { customer, id } = await known();
    const now = Math.floor(Date.now() / 1_000);
    prefer(customer.phone, 'stop', now - 60);
    expect(await stands(id, ({ marketing }) => marketing !== null)).toEqual({
      all: null,
      marketing: {
        state: 'out',
        at: new Date((now - 60) * 1_000).toISOString(),
        how: 'network',
        what: 'User requested to stop',
      },
    });
    prefer(customer.phone, 'resume', now - 30);
    await stands(id, ({ marketing }) => marketing?.state === 'in');
    // told again, and late
    prefer(customer.phone, 'stop', now - 60);
    prefer(customer.phone, 'stop', now - 45);
    const history = async () => (await call<HistoryView>('GET', `/${id}/consent`)).body.items;
    await eventually('the late one', async () => (await history()).length === 3);
    expect((await consentOf(id)).marketing?.state).toBe('in');
    expect((await scene.attention('unhandled')).filter(({ detail }) => String(detail).includes('preference'))).toEqual(
      [],
    );
  });

  it('at the network makes a contact of somebody who is not known', async () => {
    const phone = scene.newPhone();
    prefer(phone, 'stop', Math.floor(Date.now() / 1_000));
    // an import that is older finds the contact, and changes nothing
    const contact = await eventually('the contact', async () => {
      const consents = [{ to: `+${phone}`, state: 'in', topic: 'marketing', at: '2020-01-01T00:00:00Z' }];
      const { body } = await call<Imported>('POST', '/consents', { gateway: 'acme', consents });
      const id = body.items[0]?.contact ?? '';
      return (await consentOf(id)).marketing?.state === 'out' && id;
    });
    expect((await consentOf(contact)).marketing?.how).toBe('network');
  });

  it('of two contacts who turn out to be one person is merged: the newest stands, nothing is lost', async () => {
    const phone = scene.newPhone();
    const userId = 'US.99887766554433221100';
    const { body } = await call<Imported>('POST', '/consents', {
      gateway: 'acme',
      consents: [
        { to: `+${phone}`, state: 'out', at: '2026-03-01T00:00:00Z' },
        { to: `+${phone}`, state: 'in', topic: 'marketing', at: '2026-03-03T00:00:00Z' },
      ],
    });
    const byPhone = body.items[0]?.contact ?? '';
    const hidden = scene.stage.sim.customer({ userId, name: 'Hidden' });
    const { contact } = await scene.write(hidden, 'hi');
    expect(contact.id).not.toBe(byPhone);
    for (const [state, topic, at] of [
      ['in', 'all', '2026-03-02T00:00:00Z'],
      ['out', 'marketing', '2026-03-02T00:00:00Z'],
    ])
      await call('PUT', `/${contact.id}/consent`, { state, topic, at });

    await scene.write(scene.stage.sim.customer({ userId, phone, name: 'Hidden' }), 'it is me');
    const merged = {
      all: { state: 'in', at: '2026-03-02T00:00:00.000Z', how: 'api' },
      marketing: { state: 'in', at: '2026-03-03T00:00:00.000Z', how: 'import' },
    };
    for (const id of [contact.id, byPhone]) {
      const view = await call('GET', `/${id}`);
      expect(view.body).toMatchObject({ id: contact.id, phone: `+${phone}`, consent: merged });
    }
    expect((await call<HistoryView>('GET', `/${byPhone}/consent`)).body.items).toHaveLength(4);
  });
});
