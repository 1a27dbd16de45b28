import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { Health } from './health';
import { HealthController } from './health.controller';
import { Readiness } from './readiness';

export interface HealthOptions {
  /** How long a stop waits for load balancers to notice that this process is not ready any more. */
  readonly drainMs: number;
}

/** Needs a UnitOfWork, and takes a RedisProbe when one is visible everywhere. */
@Module({})
export class HealthModule {
  static register(
    options: Pick<FactoryProvider<HealthOptions>, 'useFactory' | 'inject'> = {
      useFactory: () => ({ drainMs: 0 }),
    },
  ): DynamicModule {
    const readiness: FactoryProvider<Readiness> = {
      provide: Readiness,
      inject: options.inject ?? [],
      useFactory: async (...parts: unknown[]) => new Readiness((await options.useFactory(...parts)).drainMs),
    };
    return {
      module: HealthModule,
      controllers: [HealthController],
      providers: [readiness, Health],
      exports: [Health, Readiness],
    };
  }
}
