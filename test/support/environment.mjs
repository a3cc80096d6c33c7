import { createRequire } from 'node:module';
import { TestEnvironment } from 'jest-environment-node';

const require = createRequire(import.meta.url);

/** Jest's own environment, and Node's own `require` for the package that jest cannot load (see throttler.ts). */
export default class Environment extends TestEnvironment {
  constructor(...args) {
    super(...args);
    this.global.requireThrottler = () => require('@nestjs/throttler');
  }
}
