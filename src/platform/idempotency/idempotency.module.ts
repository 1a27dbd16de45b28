import { Global, Module } from '@nestjs/common';
import { Idempotency } from './idempotency';
import { IdempotencyInterceptor } from './idempotent-route';

/** Needs the AuthorizedTransaction of AccessModule. */
@Global()
@Module({
  providers: [Idempotency, IdempotencyInterceptor],
  exports: [Idempotency, IdempotencyInterceptor],
})
export class IdempotencyModule {}
