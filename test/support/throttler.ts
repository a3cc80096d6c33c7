/**
 * `@nestjs/throttler` is CommonJS and requires Nest, which is ESM: Node 20 can do that and jest cannot. Tests therefore get it
 * as Node itself loads it (jest.config.js maps the name to this file, environment.mjs hands it over).
 */
type Throttler = typeof import('@nestjs/throttler');

const throttler = (globalThis as unknown as { requireThrottler(): Throttler }).requireThrottler();

export const ThrottlerGuard = throttler.ThrottlerGuard;
export const ThrottlerStorageService = throttler.ThrottlerStorageService;
