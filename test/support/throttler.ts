import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import * as asyncHooks from 'node:async_hooks';
import * as crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as net from 'node:net';
import { join } from 'node:path';

/**
 * `@nestjs/throttler` is CommonJS and requires Nest, which is ESM: Node 20 can do that and jest cannot. In tests the package is
 * therefore loaded here, by hand, with the Nest of the test (jest.config.js maps its name to this file).
 */
type Throttler = typeof import('@nestjs/throttler');
type Required = Record<string, unknown>;

const OUTSIDE: Readonly<Record<string, unknown>> = {
  '@nestjs/common': common,
  '@nestjs/core': core,
  async_hooks: asyncHooks,
  crypto,
  net,
};

const dist = join(createRequire(import.meta.url).resolve('@nestjs/throttler/package.json'), '..', 'dist');
const loaded = new Map<string, Required>();

function load(name: string): Required {
  const known = loaded.get(name);
  if (known) return known;
  const module = { exports: {} as Required };
  loaded.set(name, module.exports);
  // oxlint-disable-next-line typescript/no-implied-eval -- an installed package's own file
  const body = new Function('module', 'exports', 'require', readFileSync(join(dist, `${name}.js`), 'utf8'));
  body(module, module.exports, (id: string) => (id.startsWith('./') ? load(id.slice(2)) : outside(id)));
  return module.exports;
}

function outside(id: string): unknown {
  const module = OUTSIDE[id.replace(/^node:/, '')];
  if (module) return module;
  throw new Error(`@nestjs/throttler requires ${id}: add it to test/support/throttler.ts`);
}

export const { ThrottlerGuard, ThrottlerStorageService } = load('index') as unknown as Throttler;
