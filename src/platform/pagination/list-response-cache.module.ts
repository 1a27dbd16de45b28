import { Global, Module } from '@nestjs/common';
import { CachedListHook } from './cached-list.hook';
import { CachedListInterceptor } from './cached-list.interceptor';
import { ListResponseCache } from './list-response-cache';

/** Apart from PaginationModule, because it needs a Cache. */
@Global()
@Module({
  providers: [ListResponseCache, CachedListInterceptor, CachedListHook],
  exports: [ListResponseCache, CachedListInterceptor],
})
export class ListResponseCacheModule {}
