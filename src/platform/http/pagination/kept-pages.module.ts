import { Global, Module } from '@nestjs/common';
import { KeptPageInterceptor } from './kept-page.interceptor';
import { KeptPages } from './kept-pages';

/** Beside HttpModule, because it takes a cache. */
@Global()
@Module({ providers: [KeptPages, KeptPageInterceptor], exports: [KeptPages, KeptPageInterceptor] })
export class KeptPagesModule {}
