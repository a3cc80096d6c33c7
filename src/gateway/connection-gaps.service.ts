import { Injectable } from '@nestjs/common';
import { Database } from '../platform/database/database.js';
import { ProcessRegistry } from '../platform/process/process-registry.js';
import { GATEWAY_CHANGES } from './gateway.repository.js';

/**
 * "Connected since" promises that every message since then was seen. When our callback was down for a while that is no longer
 * true, so for every account it starts anew.
 */
@Injectable()
export class ConnectionGaps {
  constructor(
    private readonly database: Database,
    processes: ProcessRegistry,
  ) {
    processes.onGap((upSince) => this.restart(upSince));
  }

  private async restart(upSince: Date): Promise<void> {
    await this.database.query('UPDATE account SET connected_since = $1 WHERE connected_since < $1', [upSince]);
    await this.database.query('SELECT pg_notify($1, $2)', [GATEWAY_CHANGES, '*']);
  }
}
