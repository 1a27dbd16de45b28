export { keyInUse } from './errors';
export { streamFingerprint } from './fingerprint';
export * from './idempotency';
export { IdempotencyModule } from './idempotency.module';
export { IdempotencyKey, IdempotentRoute } from './idempotent-route';
export { KeyedRequest, keysWithResponse, storeResponses } from './keyed-request';
export * from './purge';
export * from './response';
export { WAIT_MS } from './single-flight';
