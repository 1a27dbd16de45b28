export { CachedList } from './cached-list.interceptor';
export * from './cursor-codec';
export { ListResponseCache } from './list-response-cache';
export { ListResponseCacheModule } from './list-response-cache.module';
export * from './page';
export * from './pages';
export { PaginationModule, type PaginationSecrets } from './pagination.module';
