import { openPlatform } from './open-platform.js';
import { environment } from './platform/config/environment.js';
import { readConfig } from './platform/config/read-config.js';
import { createLog } from './platform/logging/log.js';

/** `npm run migrate`: brings the database up to date and ends. Starting the app does the same. */
const config = readConfig(environment(), process.stdout.isTTY);
const log = createLog(config);
const platform = await openPlatform(config, log);
log.info('the database is up to date');
await platform.close();
