import { describe, expect, it } from '@jest/globals';
import { fakeGraph, gatewayCall, graphError } from '../graph/testing/fake-graph.js';
import { profile } from './profile.js';

const account = { address: '106', group: '102', name: 'Acme' };
const EDGE = '106/whatsapp_business_profile';

describe('the limits of a profile', () => {
  const url = (length: number) => `https://a.example/${'x'.repeat(length - 18)}`;

  it.each([
    ['about', { about: '😀'.repeat(139) }, { about: '😀'.repeat(140) }, 'is 140 characters'],
    ['address', { address: 'x'.repeat(256) }, { address: 'x'.repeat(257) }, 'allows 256'],
    ['description', { description: 'x'.repeat(512) }, { description: 'x'.repeat(513) }, 'is 513'],
    ['email', { email: `${'x'.repeat(119)}@a.sample` }, { email: `${'x'.repeat(120)}@a.sample` }, 'allows 128'],
    ['websites', { websites: [url(30), url(31)] }, { websites: [url(30), url(31), url(32)] }, 'has 3 addresses'],
    ['websites[1]', { websites: [url(30), url(256)] }, { websites: [url(30), url(257)] }, 'is 257 characters'],
  ])('%s', (path, fits, exceeds, words) => {
    expect(profile.check(fits)).toEqual([]);
    expect(profile.check(exceeds)).toMatchObject([{ path, message: expect.stringContaining(words) }]);
  });

  it.each([
    ['email', { email: 'acme' }],
    ['websites[0]', { websites: ['acme.example'] }],
  ])('%s must be what it says', (path, change) => {
    expect(profile.check(change)).toMatchObject([{ path, code: 'profile.invalid' }]);
  });

  it('lets everything be taken away, and what is new pass', () => {
    const all = { about: null, address: null, description: null, email: null, websites: null, vertical: null };
    expect(profile.check(all)).toEqual([]);
    expect(profile.check({ vertical: 'SPACE_TRAVEL', pictureHandle: '4::aW' })).toEqual([]);
  });
});

describe('a profile at Meta', () => {
  it('is read in our words', async () => {
    const found = {
      about: 'Hi',
      websites: ['https://a.b'],
      profile_picture_url: 'https://p',
      vertical: 'RETAIL',
      email: '',
    };
    const graph = fakeGraph({ [`GET ${EDGE}`]: { json: { data: [{ messaging_product: 'whatsapp', ...found }] } } });
    expect(await profile.read({ ...gatewayCall(graph.http), account })).toEqual({
      status: 'ok',
      value: { about: 'Hi', websites: ['https://a.b'], pictureUrl: 'https://p', vertical: 'RETAIL' },
    });
  });

  it('is written as far as it was named; what goes is empty', async () => {
    const graph = fakeGraph({ [`POST ${EDGE}`]: { json: { success: true } } });
    const change = { about: 'Hi', email: null, websites: null, pictureHandle: '4::aW' };
    const outcome = await profile.write(change, { ...gatewayCall(graph.http), account });
    expect(outcome).toEqual({ status: 'ok', value: undefined });
    expect(JSON.parse(String(graph.seen[0]?.body))).toEqual({
      messaging_product: 'whatsapp',
      about: 'Hi',
      email: '',
      websites: [],
      profile_picture_handle: '4::aW',
    });
  });

  it('passes refusals on', async () => {
    const graph = fakeGraph({ [`GET ${EDGE}`]: graphError(200), [`POST ${EDGE}`]: graphError(100) });
    const call = { ...gatewayCall(graph.http), account };
    expect(await profile.read(call)).toMatchObject({ status: 'refused', remote: { code: 200 } });
    expect(await profile.write({ about: 'x' }, call)).toMatchObject({ status: 'refused', remote: { code: 100 } });
  });
});
