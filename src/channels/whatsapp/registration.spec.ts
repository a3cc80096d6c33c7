import { describe, expect, it } from '@jest/globals';
import type { AccountCall } from '../../contract/index.js';
import { fakeGraph, gatewayCall, graphError } from '../graph/testing/fake-graph.js';
import { link } from './link.js';
import { outcomes } from './outcomes.js';
import { presenceOver } from './presence.js';
import { registration } from './registration.js';
import { graphTransport } from './transport.js';

const account = { address: '106', group: '102', name: 'Acme' };
const presence = presenceOver(graphTransport);
const WRITTEN = { providerId: 'wamid.1', from: { phone: '16505551234' } };
const DONE = { status: 'ok', value: undefined };

describe('the calls that take a number into use', () => {
  it.each<[string, (call: AccountCall) => Promise<unknown>, string, unknown]>([
    [
      'request_code',
      (call) => registration.requestCode({ method: 'sms', language: 'en_US' }, call),
      'application/x-www-form-urlencoded',
      'code_method=SMS&language=en_US',
    ],
    [
      'verify_code',
      (call) => registration.verifyCode('123456', call),
      'application/x-www-form-urlencoded',
      'code=123456',
    ],
    [
      'register',
      (call) => registration.register({ pin: '246810', region: 'DE' }, call),
      'application/json',
      '{"messaging_product":"whatsapp","pin":"246810","data_localization_region":"DE"}',
    ],
    ['deregister', (call) => registration.deregister(call), 'application/json', '{"messaging_product":"whatsapp"}'],
    [
      'messages',
      (call) => presence.markRead?.(WRITTEN, call) ?? Promise.reject(new Error('it cannot be marked')),
      'application/json',
      '{"messaging_product":"whatsapp","status":"read","message_id":"wamid.1"}',
    ],
    [
      'messages',
      (call) => presence.typing(WRITTEN, call),
      'application/json',
      '{"messaging_product":"whatsapp","status":"read","message_id":"wamid.1","typing_indicator":{"type":"text"}}',
    ],
  ])('%s', async (edge, ask, type, body) => {
    const graph = fakeGraph({ [`POST 106/${edge}`]: { json: { success: true } } });
    expect(await ask({ ...gatewayCall(graph.http), account })).toEqual(DONE);
    expect(graph.seen[0]).toMatchObject({ body, headers: { 'content-type': type } });
    const refusing = fakeGraph({ [`POST 106/${edge}`]: graphError(133006) });
    expect(await ask({ ...gatewayCall(refusing.http), account })).toMatchObject({ remote: { code: 133006 } });
  });

  it('let no PIN out in what Meta answers', async () => {
    const data = { error_data: { details: 'pin 246810 is wrong' } };
    const graph = fakeGraph({ 'POST 106/register': graphError(133005, 'The PIN 246810 does not match', data) });
    const outcome = await registration.register({ pin: '246810' }, { ...gatewayCall(graph.http), account });
    expect(outcome).toMatchObject({ remote: { message: 'The PIN •••• does not match', details: 'pin •••• is wrong' } });
  });
});

describe('what is to be done next', () => {
  it.each([
    [{ status: 'PENDING', code_verification_status: 'NOT_VERIFIED' }, 'request-code'],
    [{ status: 'PENDING', code_verification_status: 'EXPIRED' }, 'request-code'],
    [{ status: 'PENDING', code_verification_status: 'VERIFIED' }, 'register'],
    [{ status: 'DISCONNECTED' }, 'register'],
    [{ status: 'CONNECTED', code_verification_status: 'EXPIRED' }, undefined],
    [{ status: 'BANNED', code_verification_status: 'VERIFIED' }, undefined],
    [{}, undefined],
  ])('%j: %s', (details, step) => {
    expect(registration.next(details)).toBe(step);
  });

  it.each([
    [133010, 'register'],
    [131045, 'register'],
    [133006, 'request-code'],
    [136025, 'request-code'],
    [136024, 'register'],
    [133000, 'deregister'],
    [133016, 'wait'],
    [190, undefined],
  ])('after %s: %s', (code, step) => {
    expect(registration.missing({ code, message: '' })).toBe(step);
  });

  it('is said of every refusal that is about registering or verifying', () => {
    const about = [...outcomes].filter(([, { code }]) =>
      /^number\.(registration|unregistered|verification)$/.test(code),
    );
    expect(about.length).toBeGreaterThan(8);
    for (const [code] of about)
      expect([code, registration.missing({ code, message: '' })]).toEqual([code, expect.any(String)]);
  });
});

describe('the link to a number', () => {
  it.each([
    [undefined, 'https://wa.me/15550783881'],
    ['', 'https://wa.me/15550783881'],
    ['Hi & bye?', 'https://wa.me/15550783881?text=Hi%20%26%20bye%3F'],
    ['Привіт 😀', 'https://wa.me/15550783881?text=%D0%9F%D1%80%D0%B8%D0%B2%D1%96%D1%82%20%F0%9F%98%80'],
  ])('with %j', (text, url) => {
    expect(link({ ...account, phone: '15550783881' }, text)).toBe(url);
  });

  it('is none without a phone', () => {
    expect(link(account, 'hi')).toBeUndefined();
  });
});
