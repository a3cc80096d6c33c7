import { randomBytes } from 'node:crypto';

/** The smallest PNG, and then bytes that no other file has. */
export function png(): Buffer {
  const pixel = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  return Buffer.concat([pixel, randomBytes(16)]);
}

/** As much of a voice note as tells what it is. */
export function voiceNote(): Buffer {
  return Buffer.concat([Buffer.from('OggS'), Buffer.alloc(24), Buffer.from('OpusHead'), randomBytes(64)]);
}
