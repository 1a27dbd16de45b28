export type { BatchedIdempotentWrite, BatchedResponses } from './batched-writes';
export { streamFingerprint } from './fingerprint';
export * from './idempotency';
export { IdempotencyModule } from './idempotency.module';
export { IdempotencyKey, IdempotentRoute } from './idempotent-route';
export * from './purge';
export * from './response';
