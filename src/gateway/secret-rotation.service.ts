import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { Cipher } from '../platform/secrets/cipher.js';
import { SecretRepository } from './secret.repository.js';
import { openSecret } from './stored-metadata.js';

/**
 * Writes secrets that were encrypted under an older key again under the current one, in the background of a start, so that
 * the older key can be dropped. What no key here can read is left as it is.
 */
@Injectable()
export class SecretRotationService implements OnApplicationBootstrap, OnApplicationShutdown {
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly secrets: SecretRepository,
    private readonly cipher: Cipher,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.rotate().catch((error: unknown) => {
      this.log.warn({ err: error }, 'could not write secrets under the current key; the next start tries again');
    });
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  async rotate(): Promise<void> {
    let count = 0;
    for (const holder of await this.secrets.holders()) {
      if (this.stopped) return;
      const renewed = renew(holder.value, this.cipher);
      if (renewed !== holder.value && (await this.secrets.replace(holder, renewed))) count += 1;
    }
    if (count > 0) this.log.info({ count }, 'wrote stored secrets again under the current encryption key');
  }
}

/** The same object when there is nothing to renew in it. */
export function renew(value: unknown, cipher: Cipher): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const members = Object.entries(value);
  const renewed = members.map(([name, member]): [string, unknown] => [
    name,
    name === 'encrypted' && typeof member === 'string' ? renewSecret(member, cipher) : renew(member, cipher),
  ]);
  return renewed.every(([, member], index) => member === members[index]?.[1]) ? value : Object.fromEntries(renewed);
}

function renewSecret(stored: string, cipher: Cipher): string {
  if (!cipher.isStale(stored)) return stored;
  const opened = openSecret(stored, cipher);
  return opened.ok ? cipher.encrypt(opened.value) : stored;
}
