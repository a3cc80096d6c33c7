import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/clock.js';
import { type Page, idOfCursor, pageOf } from '../platform/http/page.js';
import { isId, newId } from '../platform/ids/ids.js';
import { Problem } from '../platform/problem/problem.js';
import { hashKey } from './access.service.js';
import { generateKey } from './admin-key.js';
import { type ApiKeyRow, ApiKeyRepository } from './api-key.repository.js';
import type { Permission } from './permissions.js';
import { type Principal, gatewayLimit } from './principal.js';

export interface KeyView {
  readonly id: string;
  readonly name: string;
  readonly permissions: readonly Permission[];
  /** ids; null: all */
  readonly gateways: readonly string[] | null;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
}

export interface NewKey {
  readonly name: string;
  readonly permissions: readonly Permission[];
  /** ids; null: all */
  readonly gateways: readonly string[] | null;
}

/** Making, listing and deleting keys. A key that is limited to gateways sees and makes only keys within that limit. */
@Injectable()
export class KeyService {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly clock: Clock,
  ) {}

  /** The key in clear is in this answer and nowhere else. */
  async create(principal: Principal, wanted: NewKey): Promise<KeyView & { readonly key: string }> {
    refuseExcess(principal, wanted);
    const key = generateKey();
    const now = this.clock.now();
    const row: ApiKeyRow = {
      id: newId(now),
      name: wanted.name,
      hash: hashKey(key),
      permissions: [...new Set(wanted.permissions)],
      gateways: wanted.gateways && [...new Set(wanted.gateways)],
      created_at: now,
      last_used_at: null,
    };
    await this.keys.insert(row);
    return { ...viewOf(row), key };
  }

  async list(principal: Principal, limit: number, cursor: string | undefined): Promise<Page<KeyView>> {
    const rows = await this.keys.list(gatewayLimit(principal), idOfCursor(cursor), limit + 1);
    return pageOf(rows, limit, ({ id }) => id, viewOf);
  }

  async delete(principal: Principal, id: string): Promise<void> {
    if (isId(id) && (await this.keys.delete(id, gatewayLimit(principal)))) return;
    throw new Problem(404, 'key.not_found', 'There is no such key.');
  }
}

/** A key cannot grant more than it has. */
function refuseExcess(principal: Principal, wanted: NewKey): void {
  const excess = wanted.permissions.filter((permission) => !principal.permissions.has(permission));
  if (excess.length > 0) {
    const names = [...new Set(excess)].join(', ');
    throw new Problem(403, 'permission.missing', `This key cannot grant what it does not have: ${names}.`);
  }
  const limit = principal.gateways;
  if (limit && !wanted.gateways?.every((id) => limit.has(id))) {
    throw new Problem(
      403,
      'key.gateways.exceeded',
      'This key is limited to gateways: name some of them in `gateways`.',
    );
  }
}

function viewOf(row: ApiKeyRow): KeyView {
  return {
    id: row.id,
    name: row.name,
    permissions: row.permissions,
    gateways: row.gateways,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  };
}
