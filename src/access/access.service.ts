import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { HttpException, Inject, Injectable, Optional } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { Batcher } from '../platform/database/batcher.js';
import type { Log } from '../platform/logging/log.js';
import { LOG } from '../platform/platform.tokens.js';
import { Problem } from '../platform/problem/problem.js';
import { constantTimeEqual } from '../platform/secrets/cipher.js';
import { ADMIN_KEY } from './access.tokens.js';
import { type ApiKeyRow, ApiKeyRepository } from './api-key.repository.js';
import { HOST_ACCESS, type HostAccess, type HostCaller, principalOfCaller } from './host-access.js';
import { PERMISSIONS } from './permissions.js';
import { type Principal, unauthorized } from './principal.js';

/** Longer than any key: what is longer is not even hashed. */
const MAX_KEY_LENGTH = 512;
const TOUCH_EVERY_MS = 60_000;

const ADMIN: Principal = {
  id: 'admin',
  name: 'admin',
  permissions: new Set(PERMISSIONS),
  gateways: null,
  isBootstrap: true,
};

/**
 * Who calls, from the `Authorization` header, or as a host application says. Nothing is cached: a deleted key is refused from its
 * deletion on.
 */
@Injectable()
export class AccessService {
  /** Requests of the same moment share one indexed look-up. */
  private readonly lookups = new Batcher<Buffer, ApiKeyRow | undefined>(
    async (hashes) => {
      const rows = new Map((await this.keys.findByHashes(hashes)).map((row) => [row.hash.toString('base64'), row]));
      return hashes.map((hash) => rows.get(hash.toString('base64')));
    },
    { maxItems: 200, concurrency: 2 },
    () => false,
  );

  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly clock: Clock,
    @Inject(ADMIN_KEY) private readonly adminKey: string | undefined,
    @Inject(LOG) private readonly log: Log,
    @Optional() @Inject(HOST_ACCESS) private readonly host?: HostAccess,
  ) {}

  /** @throws Problem 401, and whatever a host's own access throws */
  async identify(request: Pick<IncomingMessage, 'headers'>): Promise<Principal> {
    if (this.host) {
      const caller = await askHost(this.host, request);
      if (caller) return principalOfCaller(caller);
      throw unauthorized('The application that Patchbay runs in does not know who is asking.');
    }
    const { authorization } = request.headers;
    const principal = await this.authenticate(authorization);
    if (principal) return principal;
    throw unauthorized(
      authorization ? 'This API key is not known.' : 'An API key is needed: Authorization: Bearer <key>.',
    );
  }

  /** undefined: no key, or not a key of ours. */
  private async authenticate(authorization: string | undefined): Promise<Principal | undefined> {
    const key = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (!key || key.length > MAX_KEY_LENGTH) return undefined;
    if (this.adminKey !== undefined && constantTimeEqual(key, this.adminKey)) return ADMIN;
    const hash = hashKey(key);
    const row = await this.lookups.submit(hash);
    if (!row || !timingSafeEqual(row.hash, hash)) return undefined;
    this.touch(row);
    return principalOf(row);
  }

  /** What a key may do now that did something earlier; undefined: it is gone. */
  async byId(id: string): Promise<Principal | undefined> {
    // A host application judged whoever began it; without a request of theirs it cannot be asked again.
    if (this.host) return principalOfCaller({ id, name: id, permissions: '*' });
    if (id === ADMIN.id) return this.adminKey === undefined ? undefined : ADMIN;
    const row = await this.keys.byId(id);
    return row && principalOf(row);
  }

  /** When a key was last used is worth a write a minute, and never a failed request. */
  private touch(row: ApiKeyRow): void {
    const now = this.clock.now();
    if (row.last_used_at && now.getTime() - row.last_used_at.getTime() < TOUCH_EVERY_MS) return;
    this.keys.touch(row.id, now).catch((error: unknown) => {
      this.log.debug({ err: error, key: row.id }, 'could not note when the key was used');
    });
  }
}

function principalOf(row: ApiKeyRow): Principal {
  return {
    id: row.id,
    name: row.name,
    permissions: new Set(row.permissions),
    gateways: row.gateways && new Set(row.gateways),
    isBootstrap: false,
  };
}

async function askHost(host: HostAccess, request: Pick<IncomingMessage, 'headers'>): Promise<HostCaller | undefined> {
  try {
    return await host.identify(request);
  } catch (error) {
    // A host refuses as its own guards do.
    if (!(error instanceof HttpException) || error.getStatus() >= 500) throw error;
    throw new Problem(error.getStatus(), 'access.refused', error.message);
  }
}

/** A key is 256 random bits: there is nothing to guess, so a fast hash is enough. */
export function hashKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
