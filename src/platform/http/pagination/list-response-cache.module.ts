import { Global, Module } from '@nestjs/common';
import { LimitsModule } from '../limits/limits.module';
import { KeptPageHook } from './kept-page.hook';
import { KeptPageInterceptor } from './cached-list.interceptor';
import { ListResponseCache } from './list-response-cache';
import { PassedCallers } from './passed-callers';

/** Beside HttpModule, because it takes a cache. */
@Global()
@Module({
  imports: [LimitsModule],
  providers: [ListResponseCache, PassedCallers, KeptPageInterceptor, KeptPageHook],
  exports: [ListResponseCache, PassedCallers, KeptPageInterceptor],
})
export class ListResponseCacheModule {}
