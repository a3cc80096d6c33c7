import type { ProviderAnswer, ProviderHttp, ProviderRequest } from '../contract/index.js';

/** A network that always answers the same, and remembers what it was asked. */
export class FakeTransport implements ProviderHttp {
  readonly requests: ProviderRequest[] = [];

  constructor(private readonly answer: ProviderAnswer | ((request: ProviderRequest) => ProviderAnswer)) {}

  async request(request: ProviderRequest): Promise<ProviderAnswer> {
    this.requests.push(request);
    return typeof this.answer === 'function' ? this.answer(request) : this.answer;
  }
}

/** Answers that are nobody's word: of proxies, of what broke, of what has nothing to say. */
export const ODD_ANSWERS: readonly ProviderAnswer[] = [
  ...[200, 204, 302, 404, 500, 502, 503, 504].flatMap((httpStatus) =>
    [
      '',
      '<html>Bad gateway</html>',
      'null',
      '[]',
      '{}',
      '"text"',
      '{"error":null}',
      '{"error":[]}',
      '{"ok":1,"result":[]}',
    ].map((text) => ({ status: 'answered' as const, httpStatus, headers: {}, text })),
  ),
];
