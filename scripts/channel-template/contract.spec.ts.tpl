import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '../../contract/index.js';
import { answered, type ContractSubject, contractChecks, skippedChecks } from '../../testing/index.js';
import { __camel__ } from './index.js';

const FOLDER = new URL('payloads/', import.meta.url);
const payloads = Object.fromEntries(
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => [
      name.replace('.json', ''),
      (JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as { body: JsonValue }).body,
    ]),
);

/** What the kit cannot know of __name__ (docs/channels.md#the-kit). */
const subject: ContractSubject = {
  type: __camel__,
  settings: { token: 'token-4711-4711', webhook_secret: 'secret-4711-4711' },
  // TODO: the headers by which __name__ proves that a body is its own
  sign: ({ settings }) => ({ 'x-proof': settings['webhook_secret'] ?? '' }),
  channels: {
    '__name__': {
      account: { address: 'account-1', group: 'account-1', name: 'Acme' },
      recipient: { userId: 'ann' },
      payloads,
      network: {
        // TODO: what __name__ answers when it takes a message, and when it refuses one with a code of the table
        accepts: answered(200, {}),
        refusal: () => undefined,
      },
    },
  },
};

describe('the contract', () => {
  for (const { name, run } of contractChecks(subject)) it(name, run);

  it('skips only what __name__ really has not', () => {
    // TODO: look at each, and list here what is right
    expect(skippedChecks(subject)).toEqual([]);
  });
});
