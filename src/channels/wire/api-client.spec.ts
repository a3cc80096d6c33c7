import { describe, expect, it } from '@jest/globals';
import type { ProviderAnswer, ProviderRequest } from '../../contract/index.js';
import { type ApiAccess, apiClient } from './api-client.js';
import { asObject, asText } from './read-json.js';

const access: ApiAccess = {
  base: 'https://pigeons.test/v1',
  headers: { authorization: 'Bearer grain-and-barley' },
  query: { loft: 'roof' },
  secrets: ['grain-and-barley', undefined],
  readError: (body, httpStatus) => {
    const code = asText(asObject(body)?.['code']);
    return code === undefined ? undefined : { code, message: asText(asObject(body)?.['message']) ?? '', httpStatus };
  },
};

function clientTo(answer: ProviderAnswer) {
  const asked: ProviderRequest[] = [];
  const http = { request: async (request: ProviderRequest) => (asked.push(request), answer) };
  return { asked, client: apiClient(http, access) };
}

const answered = (httpStatus: number, text: string, headers = {}): ProviderAnswer => ({
  status: 'answered',
  httpStatus,
  headers,
  text,
});
const failed = (sent: boolean): ProviderAnswer => ({
  status: 'failed',
  sent,
  reason: 'grain-and-barley cannot be reached',
  afterMs: 5,
});
const refusal = '{"code":"no_such_loft","message":"not with grain-and-barley"}';

describe('the client of an API', () => {
  it('asks below the base, with what every call carries', async () => {
    const { asked, client } = clientTo(answered(200, '{}'));
    await client.call({ path: 'letters', query: { to: 'ann & bob' } });
    await client.call({ method: 'POST', path: 'letters', json: { a: 1 } });
    await client.call({ method: 'PUT', path: 'letters', form: { a: '1' } });
    const headers = { authorization: 'Bearer grain-and-barley', accept: 'application/json' };
    const url = 'https://pigeons.test/v1/letters?loft=roof';
    expect(asked).toEqual([
      { method: 'GET', url: 'https://pigeons.test/v1/letters?to=ann+%26+bob&loft=roof', headers },
      { method: 'POST', url, headers: { ...headers, 'content-type': 'application/json' }, body: '{"a":1}' },
      {
        method: 'PUT',
        url,
        headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
        body: 'a=1',
      },
    ]);
  });

  it.each<[string, ProviderAnswer, object]>([
    ['what was asked for', answered(200, '[1]'), { status: 'ok', value: [1] }],
    ['nothing, where nothing is to be said', answered(204, ''), { status: 'ok', value: null }],
    [
      'a refusal, without secrets',
      answered(404, refusal),
      {
        status: 'refused',
        remote: { code: 'no_such_loft', message: 'not with ••••', httpStatus: 404 },
      },
    ],
    ['a 4xx without words', answered(404, 'no'), { status: 'refused', remote: { code: 'http.404' } }],
    ['a page of a proxy', answered(502, '<html>'), { status: 'unreachable', reason: expect.stringContaining('502') }],
    ['no JSON with 200', answered(200, 'ok'), { status: 'unreachable' }],
    ['no connection, without secrets', failed(true), { status: 'unreachable', reason: '•••• cannot be reached' }],
  ])('calls %s by its name', async (_, answer, outcome) => {
    expect(await clientTo(answer).client.call({ path: '' })).toMatchObject(outcome);
  });

  it.each<[string, ProviderAnswer, object]>([
    ['was taken', answered(200, '{"id":"1"}'), { status: 'accepted', providerId: '1' }],
    ['was taken without a word', answered(200, '{}'), { status: 'unknown' }],
    ['was refused', answered(409, refusal), { status: 'refused', remote: { code: 'no_such_loft' } }],
    [
      'was refused for now',
      answered(429, refusal, { 'retry-after': '3' }),
      { status: 'refused', remote: { code: 'no_such_loft' }, afterMs: 3_000 },
    ],
    ['was refused in words, with 5xx', answered(503, refusal), { status: 'refused' }],
    ['was not passed on by a proxy', answered(403, '<html>'), { status: 'refused', remote: { code: 'http.403' } }],
    ['was sent elsewhere', answered(302, ''), { status: 'refused', remote: { code: 'http.302' } }],
    ['broke a proxy', answered(502, '<html>'), { status: 'unknown' }],
    ['may have left', failed(true), { status: 'unknown', reason: '•••• cannot be reached' }],
    ['has not left', failed(false), { status: 'unsent', reason: '•••• cannot be reached', afterMs: 5 }],
  ])('knows of a message whether it %s', async (_, answer, outcome) => {
    const { client } = clientTo(answer);
    const sent = await client.send({ method: 'POST', path: 'letters', json: {} }, (body) => {
      const providerId = asText(asObject(body)?.['id']);
      return providerId === undefined ? undefined : { providerId };
    });
    expect(sent).toMatchObject(outcome);
  });
});
