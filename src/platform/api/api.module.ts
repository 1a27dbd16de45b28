import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { AccessModule, type AccessSecrets } from '../access';
import { DeclaredQueryGuard, EmptyBodyGuard, ProblemFilter, StrictValidation } from '../http';
import { IdempotencyModule } from '../idempotency';
import { PaginationModule, type PaginationSecrets } from '../pagination';

export type ApiSecrets = AccessSecrets & PaginationSecrets;

/** Composes the parts of the HTTP interface that every controller needs. */
@Module({})
export class ApiModule {
  static register(secrets: Pick<FactoryProvider<ApiSecrets>, 'useFactory' | 'inject'>): DynamicModule {
    return {
      module: ApiModule,
      imports: [AccessModule.register(secrets), IdempotencyModule, PaginationModule.register(secrets)],
      providers: [
        { provide: APP_GUARD, useClass: DeclaredQueryGuard },
        { provide: APP_GUARD, useClass: EmptyBodyGuard },
        { provide: APP_PIPE, useClass: StrictValidation },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
