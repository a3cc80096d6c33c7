import { describe, expect, it } from '@jest/globals';
import { NUMBER, simulate } from './simulation.fixture.js';
import type { JsonObject } from './world.types.js';

const PATH = `/${NUMBER}/whatsapp_business_profile`;
const FIELDS = 'about,address,description,email,profile_picture_url,websites,vertical';

describe('the business profile', () => {
  it('is empty at first, keeps what is not named, and loses what is emptied', async () => {
    const { graph } = await simulate();
    const read = async (): Promise<unknown> => (await graph('GET', `${PATH}?fields=${FIELDS}`)).body.data;
    const write = (body: JsonObject) => graph('POST', PATH, { messaging_product: 'whatsapp', ...body });
    expect(await read()).toEqual([{ messaging_product: 'whatsapp' }]);
    expect((await write({ about: 'Hi', websites: ['https://acme.example'] })).body).toEqual({ success: true });
    await write({ vertical: 'RETAIL', profile_picture_handle: 'h1' });
    expect(await read()).toEqual([
      {
        messaging_product: 'whatsapp',
        about: 'Hi',
        websites: ['https://acme.example'],
        vertical: 'RETAIL',
        profile_picture_url: expect.stringContaining('h1'),
      },
    ]);
    await write({ about: '' });
    expect((await graph('GET', `${PATH}?fields=about`)).body.data).toEqual([{ messaging_product: 'whatsapp' }]);
  });

  it.each([
    ['a long about', { about: 'x'.repeat(140) }, 100],
    ['a long address', { address: 'x'.repeat(257) }, 100],
    ['a long description', { description: 'x'.repeat(513) }, 100],
    ['a long email', { email: `${'x'.repeat(120)}@acme.test` }, 100],
    ['an email that is none', { email: 'acme' }, 131009],
    ['three websites', { websites: ['https://a.b', 'https://a.c', 'https://a.d'] }, 100],
    ['a website without a scheme', { websites: ['acme.example'] }, 100],
    ['a field that is none', { motto: 'x' }, 100],
    ['no product', { messaging_product: undefined, about: 'x' }, 100],
  ])('refuses %s', async (_what, more, code) => {
    const { graph, sim } = await simulate();
    const answer = await graph('POST', PATH, { messaging_product: 'whatsapp', ...more } as never);
    expect(answer.body.error.code).toBe(code);
    expect(sim.world.phoneNumber(NUMBER).profile).toEqual({});
  });

  it('takes what just fits, in characters', async () => {
    const { graph } = await simulate();
    const answer = await graph('POST', PATH, { messaging_product: 'whatsapp', about: '😀'.repeat(139) });
    expect(answer.body).toEqual({ success: true });
    expect((await graph('GET', `${PATH}?fields=motto`)).body.error.code).toBe(100);
  });
});
