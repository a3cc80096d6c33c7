import { createHmac } from 'node:crypto';

const NOT_ASCII = /[\u0080-\uffff]/;

/**
 * JSON the way Meta writes it: non-ASCII as `\uXXXX`, `/` as `\/`. The signature is over exactly these bytes, so a receiver
 * that parses and serialises again before it checks must fail against this simulator too. Meta: webhooks, "validate payloads"
 */
export function encodeLikeMeta(value: unknown): Buffer {
  let json = JSON.stringify(value);
  if (json.includes('/')) {
    json = json.replaceAll('/', '\\/');
  }
  if (NOT_ASCII.test(json)) {
    json = json.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  }
  return Buffer.from(json, 'latin1');
}

/** The value of `X-Hub-Signature-256`. Meta: webhooks/create-webhook-endpoint */
export function signatureOf(body: Buffer, appSecret: string): string {
  return `sha256=${createHmac('sha256', appSecret).update(body).digest('hex')}`;
}
