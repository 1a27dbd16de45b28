import { Global, Module } from '@nestjs/common';
import { LimitsModule } from '../limits/limits.module';
import { KeptPageHook } from './kept-page.hook';
import { KeptPageInterceptor } from './kept-page.interceptor';
import { KeptPages } from './kept-pages';
import { PassedCallers } from './passed-callers';

/** Beside HttpModule, because it takes a cache. */
@Global()
@Module({
  imports: [LimitsModule],
  providers: [KeptPages, PassedCallers, KeptPageInterceptor, KeptPageHook],
  exports: [KeptPages, PassedCallers, KeptPageInterceptor],
})
export class KeptPagesModule {}
