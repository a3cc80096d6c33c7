import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { runInNewContext } from 'node:vm';
import { resultPage } from './result-page.js';

function posted(body: string): unknown[] {
  const found: unknown[] = [];
  const script = /<script nonce="[^"]+">([^<]*)<\/script>/.exec(body)?.[1] ?? '';
  const opener = { postMessage: (message: object, origin: string) => void found.push({ ...message }, origin) };
  runInNewContext(script, { window: { opener, close: () => undefined } });
  return found;
}

describe('the last page of a popup', () => {
  it('carries any text over as it is, and nothing of it is interpreted', () => {
    const parts = ['</script>', '<!--<script>', '\u2028', '");alert(1)//', "'", '&lt;', '\\'];
    const hostile = fc
      .array(fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom(...parts)), { maxLength: 10 })
      .map((list) => list.join(''));
    fc.assert(
      fc.property(hostile, (detail) => {
        const { body } = resultPage({ status: 'error', detail }, 'https://admin.example');
        expect(posted(body)).toEqual([{ status: 'error', detail }, 'https://admin.example']);
        expect(body.match(/<script/g)).toHaveLength(1);
        const paragraph = /<p>(.*?)<\/p>/s.exec(body)?.[1] ?? '';
        expect(paragraph).not.toMatch(/[<>"']/);
      }),
    );
  });

  it('has no script where nobody is known to be told', () => {
    const { body, headers } = resultPage({ status: 'error', detail: 'x' }, undefined);
    expect(body).not.toContain('<script');
    expect(headers['Content-Security-Policy']).toContain("default-src 'none'");
  });

  it('has a nonce of its own each time', () => {
    const nonceOf = (): string =>
      resultPage({ status: 'success', detail: '' }, 'https://a.test').headers['Content-Security-Policy'] ?? '';
    expect(nonceOf()).not.toBe(nonceOf());
  });
});
