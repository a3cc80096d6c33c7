import { describe, expect, it } from '@jest/globals';
import type { DownloadRequest, MediaCall, ProviderAnswer, ProviderRequest } from '../../contract/index.js';
import { answered, failed, fakeGraph, gatewayCall, graphError } from '../graph/testing/fake-graph.js';
import { mediaOver } from './media.js';
import { graphTransport } from './transport.js';

const media = mediaOver(graphTransport);

const ACCOUNT = { address: '66', group: '55', name: 'Acme' };
const HOST = 'https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1';
const BYTES = 'the bytes';

function stage(
  routes: Parameters<typeof fakeGraph>[0],
  file: ProviderAnswer = answered(200, '', { 'content-type': 'image/png' }),
) {
  const graph = fakeGraph(routes);
  const downloads: DownloadRequest[] = [];
  const taken: string[] = [];
  const call: MediaCall = {
    ...gatewayCall(graph.http),
    account: ACCOUNT,
    download: async (request, sink) => {
      downloads.push(request);
      if (file.status === 'answered' && file.httpStatus === 200) await sink(Buffer.from(BYTES));
      return file;
    },
  };
  const sink = (chunk: Uint8Array): boolean => taken.push(Buffer.from(chunk).toString()) > 0;
  return {
    graph,
    call,
    downloads,
    taken,
    fetch: (source: { url: string } | { id: string }) => media.fetch(source, sink, call),
  };
}

const node = (url: string) => ({
  json: { messaging_product: 'whatsapp', url, mime_type: 'image/jpeg', sha256: 'ab'.repeat(32), id: '7' },
});

describe('fetching a file', () => {
  it('by its address: with the token, from outside', async () => {
    const { fetch, downloads, taken } = stage({});
    expect(await fetch({ url: HOST })).toEqual({ status: 'ok', value: { mimeType: 'image/png' } });
    expect(taken).toEqual([BYTES]);
    expect(downloads).toEqual([
      expect.objectContaining({
        url: HOST,
        isHome: false,
        headers: expect.objectContaining({ authorization: 'Bearer EAAGtoken' }),
      }),
    ]);
  });

  it('by its id: asks Graph for the address, and takes its word for type and hash', async () => {
    const { fetch, graph, downloads } = stage({ 'GET 7': node('https://graph.test/file') });
    expect(await fetch({ id: '7' })).toEqual({
      status: 'ok',
      value: { mimeType: 'image/jpeg', sha256: 'ab'.repeat(32) },
    });
    expect(graph.seen[0]?.query.get('phone_number_id')).toBe('66');
    expect(downloads[0]?.isHome).toBe(true);
  });

  it('sends the token nowhere without TLS but to Graph itself', async () => {
    const { fetch, downloads } = stage({ 'GET 7': node('http://elsewhere.example/file') });
    expect(await fetch({ id: '7' })).toMatchObject({ status: 'refused', remote: { code: 'media.unsafe' } });
    expect(downloads).toEqual([]);
  });

  it.each([
    ['an address that is over', answered(404, ''), 'refused', 'http.404', true],
    ['a redirect', answered(302, ''), 'refused', 'http.302', false],
    [
      'a dead token',
      answered(401, '{"error":{"code":190,"message":"Bad EAAGtoken","type":"OAuthException"}}'),
      'refused',
      190,
      false,
    ],
    ['a broken server', answered(502, '<html>'), 'unreachable', undefined, undefined],
    ['a broken line', failed(true), 'unreachable', undefined, undefined],
  ] as const)('tells %s', async (_name, file, status, code, isGone) => {
    const outcome = await stage({}, file).fetch({ url: HOST });
    expect(outcome.status).toBe(status);
    if (outcome.status !== 'refused') return;
    expect([outcome.remote.code, media.isGone(outcome.remote)]).toEqual([code, isGone]);
    expect(outcome.remote.message).not.toContain('EAAGtoken');
  });

  it('knows an id that is over', async () => {
    const gone = graphError(100, 'Unsupported get request', { error_subcode: 33 });
    const outcome = await stage({ 'GET 7': gone }).fetch({ id: '7' });
    expect(outcome.status === 'refused' && media.isGone(outcome.remote)).toBe(true);
  });
});

describe('the hosts that get the token for a webhook’s address', () => {
  it.each([
    [HOST, true],
    ['https://graph.test/file', true],
    ['http://lookaside.fbsbx.com/file', false],
    ['https://fbsbx.com.evil.example/', false],
    ['https://evilfbsbx.com/', false],
    ['https://graph.test.evil.example/', false],
    ['https://graph.test:444/', false],
    ['http://169.254.169.254/latest/meta-data', false],
    ['file:///etc/passwd', false],
    ['nonsense', false],
  ])('%s: %s', (url, expected) => {
    expect(media.isTrusted(url, stage({}).call)).toBe(expected);
  });
});

describe('uploading a file', () => {
  async function* read(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(BYTES);
  }
  const file = { mimeType: 'image/png', filename: 'cat.png', size: BYTES.length, read };

  it('streams a form, and gives back the id', async () => {
    let form: FormData | undefined;
    const { call } = stage({});
    const http = {
      request: async ({ headers, stream }: ProviderRequest): Promise<ProviderAnswer> => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of stream ?? []) chunks.push(chunk);
        form = await new Response(Buffer.concat(chunks), { headers: { ...headers } }).formData();
        return answered(200, '{"id":"4711"}');
      },
    };
    expect(await media.upload?.(file, { ...call, http })).toEqual({ status: 'ok', value: { id: '4711' } });
    expect([form?.get('messaging_product'), form?.get('type')]).toEqual(['whatsapp', 'image/png']);
    const sent = form?.get('file') as File;
    expect(await sent.text()).toBe(BYTES);
  });

  it('tells a refusal', async () => {
    const { call } = stage({ 'POST 66/media': graphError(131053, 'Media upload error') });
    const outcome = await media.upload?.(file, call);
    expect(outcome).toMatchObject({ status: 'refused', remote: { code: 131053 } });
  });

  it.each([
    [{ code: 131053, message: 'Media upload error' }, true],
    [
      { code: 100, message: "(#100) Param image['id'] is not a valid whatsapp business account media attachment ID" },
      true,
    ],
    [{ code: 100, message: '(#100) The parameter to is required.' }, false],
    [{ code: 131026, message: 'Message undeliverable: media' }, false],
  ])('knows a message’s refusal that an upload may be the cause of: %j', (remote, expected) => {
    expect(media.isAboutUpload(remote)).toBe(expected);
  });
});
