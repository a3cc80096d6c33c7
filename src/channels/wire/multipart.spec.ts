import { describe, expect, it } from '@jest/globals';
import { multipart } from './multipart.js';

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function joined(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('multipart', () => {
  it('is a form as any server reads it, of the length that it announces', async () => {
    const file = {
      name: 'file',
      filename: 'a"b\r\n.png',
      mimeType: 'image/png',
      size: 10,
      read: () => pieces('12345', '67890'),
    };
    const { headers, body } = multipart({ messaging_product: 'whatsapp', type: 'image/png' }, file, 'frontier');
    const bytes = await joined(body);
    expect(headers['content-length']).toBe(String(bytes.length));
    const form = await new Response(bytes, { headers }).formData();
    expect(form.get('messaging_product')).toBe('whatsapp');
    expect(form.get('type')).toBe('image/png');
    const sent = form.get('file') as File;
    expect([sent.name, sent.type, await sent.text()]).toEqual([
      expect.stringMatching(/^a.*b\s+\.png$/),
      'image/png',
      '1234567890',
    ]);
  });
});
