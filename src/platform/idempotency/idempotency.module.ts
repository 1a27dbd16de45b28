import { Global, Module } from '@nestjs/common';
import { Idempotency } from './idempotency';
import { IdempotencyInterceptor } from './idempotent-route';
import { StoredResponses } from './stored-responses';

/** Needs the AuthorizedTransaction of AccessModule. */
@Global()
@Module({
  providers: [Idempotency, IdempotencyInterceptor, StoredResponses],
  exports: [Idempotency, IdempotencyInterceptor, StoredResponses],
})
export class IdempotencyModule {}
