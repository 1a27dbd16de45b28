export * from './cache';
export { CacheModule } from './cache.module';
export { InProcessCache } from './in-process-cache';
export { InProcessTokenBucket } from './in-process-token-bucket';
export { LocalCache } from './local-cache';
export { RedisCache } from './redis-cache';
export * from './redis-options';
export { RedisTokenBucket } from './redis-token-bucket';
