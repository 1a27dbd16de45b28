import { Global, Module } from '@nestjs/common';
import { RateLimitModule } from '../rate-limit';
import { KeptPageHook } from './kept-page.hook';
import { KeptPageInterceptor } from './cached-list.interceptor';
import { ListResponseCache } from './list-response-cache';
import { PassedCallers } from './passed-callers';

/** Beside ApiModule, because it takes a cache. */
@Global()
@Module({
  imports: [RateLimitModule],
  providers: [ListResponseCache, PassedCallers, KeptPageInterceptor, KeptPageHook],
  exports: [ListResponseCache, PassedCallers, KeptPageInterceptor],
})
export class ListResponseCacheModule {}
