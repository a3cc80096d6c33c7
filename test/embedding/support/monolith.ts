import {
  BadRequestException,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  ForbiddenException,
  Get,
  Inject,
  Injectable,
  type LoggerService,
  Module,
  type NestInterceptor,
  type PipeTransform,
  Post,
  Body,
  type Type,
  type DynamicModule,
  type ArgumentsHost,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { map } from 'rxjs';
import { DataSource } from 'typeorm';
import { type PatchbayOptions, PatchbayModule } from '../../../src/index.js';
import { Clock } from '../../../src/platform/clock/clock.js';

/** Everything global that a host can have, each of which would be seen in an answer of ours. */
@Injectable()
class HostGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<Request>();
    if (headers['x-session'] !== undefined) return true;
    throw new ForbiddenException('the host does not know you');
  }
}

@Injectable()
class ShoutingPipe implements PipeTransform {
  transform(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) throw new BadRequestException('the host takes objects');
    return JSON.parse(JSON.stringify(value).toUpperCase()) as unknown;
  }
}

@Injectable()
class EnvelopeInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(map((host: unknown) => ({ host })));
  }
}

@Catch()
class TeapotFilter implements ExceptionFilter {
  catch(error: Error, host: ArgumentsHost): void {
    host.switchToHttp().getResponse<Response>().status(418).json({ teapot: error.message });
  }
}

@Controller('orders')
class OrdersController {
  @Get()
  list(): string[] {
    return ['one'];
  }

  @Post()
  create(@Body() body: object): object {
    return body;
  }
}

/** A DataSource that goes with the host, as `@nestjs/typeorm` has it. */
@Injectable()
class HostDatabase implements OnApplicationShutdown {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async onApplicationShutdown(): Promise<void> {
    await this.dataSource.destroy();
  }
}

@Module({})
class HostDatabaseModule {
  static at(url: string): DynamicModule {
    const useFactory = () =>
      new DataSource({ type: 'postgres', url, poolSize: 2, extra: { application_name: 'host' } }).initialize();
    return {
      module: HostDatabaseModule,
      providers: [{ provide: DataSource, useFactory }, HostDatabase],
      exports: [DataSource],
    };
  }
}

/** What Patchbay finds only where a test has put it: its clock. */
@Module({})
class ClockModule {
  static of(clock: Clock): DynamicModule {
    return { module: ClockModule, global: true, providers: [{ provide: Clock, useValue: clock }], exports: [Clock] };
  }
}

export interface MonolithOptions {
  readonly url: string;
  readonly port: number;
  readonly imports?: readonly (Type | DynamicModule)[];
  readonly patchbay: Omit<PatchbayOptions, 'dataSource' | 'publicUrl'>;
  /** the host's Express, with what it has put there itself */
  readonly adapter?: ExpressAdapter;
  readonly logger?: LoggerService;
  readonly clock?: Clock;
}

/** An application with its own DataSource, prefix, guard, pipe, interceptor, filter and middleware, and Patchbay in it. */
export async function startMonolith({
  url,
  port,
  imports = [],
  patchbay,
  adapter = new ExpressAdapter(),
  logger,
  clock,
}: MonolithOptions) {
  const database = HostDatabaseModule.at(url);

  @Module({
    imports: [
      database,
      PatchbayModule.forRootAsync({
        imports: [database],
        inject: [DataSource],
        useFactory: (dataSource: DataSource) => ({
          dataSource,
          publicUrl: `http://127.0.0.1:${port}`,
          ...patchbay,
        }),
      }),
      ...(clock ? [ClockModule.of(clock)] : []),
      ...imports,
    ],
    controllers: [OrdersController],
    providers: [
      { provide: APP_GUARD, useClass: HostGuard },
      { provide: APP_PIPE, useClass: ShoutingPipe },
      { provide: APP_INTERCEPTOR, useClass: EnvelopeInterceptor },
      { provide: APP_FILTER, useClass: TeapotFilter },
    ],
  })
  class MonolithModule {}

  const app = await NestFactory.create<NestExpressApplication>(MonolithModule, adapter, {
    logger: logger ?? false,
    abortOnError: false,
  });
  app.setGlobalPrefix('api');
  app.enableCors();
  app.use((_request: Request, response: Response, next: NextFunction) => {
    response.setHeader('x-host', 'was here');
    next();
  });
  try {
    await app.listen(port, '127.0.0.1');
  } catch (error) {
    await app.close();
    throw error;
  }
  return app;
}
