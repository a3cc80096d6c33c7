import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

const PREFIX = 'enc';

/**
 * Encrypts secrets at rest: AES-256-GCM, a fresh nonce per value, the id of the key inside the value, so that keys rotate
 * (the first encrypts, all decrypt). Stored form: `enc:<key id>:<base64 of nonce ‖ tag ‖ ciphertext>`.
 */
export class Cipher {
  private readonly keys: ReadonlyMap<string, Buffer>;
  private readonly current: string;

  constructor(keys: readonly Buffer[]) {
    const [first] = keys;
    if (!first) throw new Error('Cipher needs at least one key');
    this.keys = new Map(keys.map((key) => [keyId(key), key]));
    this.current = keyId(first);
  }

  encrypt(plain: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.key(this.current), nonce);
    const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return `${PREFIX}:${this.current}:${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64')}`;
  }

  /** @throws SecretUnreadableError when the key is not among ours or the value was changed */
  decrypt(stored: string): string {
    const [prefix, id = '', body = ''] = stored.split(':');
    if (prefix !== PREFIX) throw new SecretUnreadableError('a stored secret is not in the encrypted form');
    const bytes = Buffer.from(body, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', this.key(id), bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new SecretUnreadableError('a stored secret does not match its key', { cause });
    }
  }

  /** What proves that a text is ours, for one purpose; any of the keys can verify it. */
  sign(purpose: string, text: string): string {
    return mac(this.key(this.current), purpose, text);
  }

  isSigned(purpose: string, text: string, signature: string): boolean {
    return [...this.keys.values()].some((key) => constantTimeEqual(mac(key, purpose, text), signature));
  }

  /** True when the value should be written again under the current key. */
  isStale(stored: string): boolean {
    return stored.split(':')[1] !== this.current;
  }

  private key(id: string): Buffer {
    const key = this.keys.get(id);
    if (key) return key;
    throw new SecretUnreadableError(
      `a stored secret was encrypted with key ${id}, which is not in ENCRYPTION_KEY; add that key at the end of the list`,
    );
  }
}

/** A key of its own for every purpose (HKDF, RFC 5869), so that no signature is good for another one. */
function mac(key: Buffer, purpose: string, text: string): string {
  const derived = Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `patchbay ${purpose}`, 32));
  return createHmac('sha256', derived).update(text).digest('base64url');
}

export class SecretUnreadableError extends Error {
  override readonly name = 'SecretUnreadableError';
}

/** A name for a key that tells nothing about it. */
function keyId(key: Buffer): string {
  return createHash('sha256').update('patchbay key id').update(key).digest('hex').slice(0, 8);
}

/** What people see of a secret: its last four characters, or none of a short one. */
export function mask(secret: string): string {
  return `••••${secret.length >= 8 ? secret.slice(-4) : ''}`;
}

export function isMasked(value: string): boolean {
  return value.startsWith('••••');
}

/** Equality in constant time, for values of any length. */
export function constantTimeEqual(a: string, b: string): boolean {
  const key = randomBytes(32);
  const digest = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
