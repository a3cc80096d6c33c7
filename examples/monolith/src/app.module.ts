import { Controller, type DynamicModule, Get, Module } from '@nestjs/common';
import { PatchbayModule, type PatchbayOptions, houseGatewayTypes } from 'patchbay';
import { pigeon } from './pigeon.js';
import { Orders, ShopBot } from './shop.bot.js';

@Controller()
export class HomeController {
  @Get()
  home(): string {
    return 'a shop';
  }
}

/** The shop, with Patchbay in it. What differs from place to place comes from outside. */
@Module({})
export class AppModule {
  static forRoot(
    given: Pick<PatchbayOptions, 'publicUrl' | 'dataSource' | 'adminApiKey' | 'encryptionKey' | 'dataDir'>,
  ): DynamicModule {
    return {
      module: AppModule,
      imports: [PatchbayModule.forRoot({ path: '/chat', gatewayTypes: [...houseGatewayTypes(), pigeon], ...given })],
      controllers: [HomeController],
      providers: [Orders, ShopBot],
    };
  }
}
