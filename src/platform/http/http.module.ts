import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { AuthenticationGuard } from './access/authentication.guard';
import { AuthorizedTransaction } from './access/authorized-transaction';
import { SessionCookie } from './access/session-cookie';
import { EmptyBodyGuard } from './body/empty-body.guard';
import { Idempotency } from './idempotency/idempotency';
import { IdempotencyInterceptor } from './idempotency/idempotent-route';
import { CursorCodec } from './pagination/cursor-codec';
import { Pages } from './pagination/pages';
import { ProblemFilter } from './problem/problem.filter';
import { DeclaredQueryGuard } from './query/declared-query.guard';
import { StrictValidation } from './validation/strict-validation.pipe';

export interface HttpSecrets {
  /** At least 32 bytes; the same in every process, or a page fetched from one is broken at the next. */
  readonly cursorSecret: string;
  /** Whether the session cookie travels over TLS only: true unless said. */
  readonly secureCookies?: boolean;
}

/**
 * Global: needs a UnitOfWork and an Authenticator that are visible everywhere, and gives every controller the
 * same rules.
 */
@Module({})
export class HttpModule {
  static register(secrets: Pick<FactoryProvider<HttpSecrets>, 'useFactory' | 'inject'>): DynamicModule {
    const cursors: FactoryProvider<CursorCodec> = {
      provide: CursorCodec,
      inject: secrets.inject ?? [],
      useFactory: async (...parts: unknown[]) =>
        new CursorCodec((await secrets.useFactory(...parts)).cursorSecret),
    };
    const cookie: FactoryProvider<SessionCookie> = {
      provide: SessionCookie,
      inject: secrets.inject ?? [],
      useFactory: async (...parts: unknown[]) =>
        new SessionCookie((await secrets.useFactory(...parts)).secureCookies ?? true),
    };
    return {
      module: HttpModule,
      global: true,
      providers: [
        cursors,
        cookie,
        Pages,
        AuthorizedTransaction,
        Idempotency,
        IdempotencyInterceptor,
        { provide: APP_GUARD, useClass: AuthenticationGuard },
        { provide: APP_GUARD, useClass: DeclaredQueryGuard },
        { provide: APP_GUARD, useClass: EmptyBodyGuard },
        { provide: APP_PIPE, useClass: StrictValidation },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
      exports: [
        CursorCodec,
        SessionCookie,
        Pages,
        AuthorizedTransaction,
        Idempotency,
        IdempotencyInterceptor,
      ],
    };
  }
}
