import { type DynamicModule, type FactoryProvider, Module, type ModuleMetadata, type Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { PATCHBAY_OPTIONS } from './embedding/embedding.tokens.js';
import type { PatchbayOptions } from './embedding/options.js';
import { PatchbayEvents } from './embedding/patchbay-events.js';
import { Patchbay } from './embedding/patchbay.js';

/** Options that need the host's own providers, e.g. its DataSource. */
export interface PatchbayAsyncOptions {
  readonly imports?: ModuleMetadata['imports'];
  readonly inject?: FactoryProvider['inject'];
  readonly useFactory: (...dependencies: never[]) => PatchbayOptions | Promise<PatchbayOptions>;
}

/**
 * Patchbay in a host application. To be imported once, in its root module; `Patchbay` and `PatchbayEvents` can be injected
 * everywhere then, and providers with `@ChatBot` are found wherever they are.
 */
@Module({})
export class PatchbayModule {
  static forRoot(options: PatchbayOptions): DynamicModule {
    return moduleWith({ provide: PATCHBAY_OPTIONS, useValue: options });
  }

  static forRootAsync({ imports = [], inject = [], useFactory }: PatchbayAsyncOptions): DynamicModule {
    return moduleWith({ provide: PATCHBAY_OPTIONS, useFactory, inject }, imports);
  }
}

function moduleWith(options: Provider, imports: NonNullable<ModuleMetadata['imports']> = []): DynamicModule {
  return {
    module: PatchbayModule,
    global: true,
    imports: [DiscoveryModule, ...imports],
    providers: [options, Patchbay, PatchbayEvents],
    exports: [Patchbay, PatchbayEvents],
  };
}
