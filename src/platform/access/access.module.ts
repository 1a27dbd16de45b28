import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { AccessHook } from './access.hook';
import { Authentication } from './authentication';
import { AuthorizedTransaction } from './authorized-transaction';
import { DeclaredAccess } from './declared-access';
import { FeatureCheck } from './feature';
import { SessionCookie } from './session-cookie';

export interface AccessSecrets {
  /** Whether the session cookie is sent over TLS only: true unless given. */
  readonly secureCookies?: boolean;
}

/** Global: needs a UnitOfWork and an Authenticator that are visible everywhere. */
@Module({})
export class AccessModule {
  static register(secrets: Pick<FactoryProvider<AccessSecrets>, 'useFactory' | 'inject'>): DynamicModule {
    const cookie: FactoryProvider<SessionCookie> = {
      provide: SessionCookie,
      inject: secrets.inject ?? [],
      useFactory: async (...parts: unknown[]) =>
        new SessionCookie((await secrets.useFactory(...parts)).secureCookies ?? true),
    };
    return {
      module: AccessModule,
      global: true,
      providers: [cookie, AuthorizedTransaction, Authentication, FeatureCheck, DeclaredAccess, AccessHook],
      exports: [SessionCookie, AuthorizedTransaction],
    };
  }
}
