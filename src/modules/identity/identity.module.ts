import { Global, Module } from '@nestjs/common';
import { Environment } from '../../platform/config';
import { KeyRing } from '../../platform/crypto';
import { Authenticator } from '../../platform/access';
import { TenancyModule } from '../tenancy';
import { AcceptInvitation } from './members/application/accept-invitation';
import { AccessEnded } from './access/application/access-revocation';
import { ApiKeyAuthenticator } from './access/application/api-key-authenticator';
import { ApiKeys } from './access/application/api-keys.facade';
import { AskPasswordReset } from './accounts/application/request-password-reset';
import { Askers } from './accounts/application/requester-check';
import { CheckPassword } from './accounts/application/check-password';
import { KeyUsage } from './access/application/key-usage';
import { KnownKeys } from './access/application/known-keys';
import { ListApiKeys } from './access/application/list-api-keys.query';
import { ListMembers } from './members/application/list-members.query';
import { LoginLimits } from './accounts/application/login-limits';
import { MakeApiKey } from './access/application/make-api-key';
import { InstallationLog } from './access/application/installation-log';
import { Members } from './members/application/members';
import { OneTimeTokens } from './accounts/application/one-time-tokens';
import { Passwords } from './accounts/application/passwords';
import { PeopleAuthenticator } from './access/application/people-authenticator';
import { People } from './members/application/users.facade';
import {
  AccessTokens,
  MembershipStore,
  PasswordHasher,
  PeopleStore,
  RefreshStore,
  SessionStore,
} from './accounts/application/ports';
import { PlatformUsers } from './accounts/application/platform-users';
import { ApiKeyStore } from './access/application/ports';
import { RevokeApiKey } from './access/application/revoke-api-key';
import { RevokeKeysBehind } from './access/application/revoke-derived-keys';
import { RotateApiKey } from './access/application/rotate-api-key';
import { Sessions } from './accounts/application/sessions';
import { ThreeWays } from './access/application/three-ways';
import { Tokens } from './accounts/application/tokens';
import { Argon2PasswordHasher } from './accounts/infrastructure/crypto/argon2-password-hasher';
import { JoseAccessTokens } from './access/infrastructure/crypto/jose-access-tokens';
import { ApiKeysController } from './access/infrastructure/http/api-keys.controller';
import { AuthController } from './accounts/infrastructure/http/auth.controller';
import { PlatformUsersController } from './accounts/infrastructure/http/platform-users.controller';
import { InstallationLogController } from './access/infrastructure/http/installation-log.controller';
import { TokensController } from './accounts/infrastructure/http/tokens.controller';
import { UsersController } from './members/infrastructure/http/users.controller';
import { PostgresApiKeyStore } from './access/infrastructure/persistence/postgres-api-key-store';
import { PostgresInstallationLog } from './access/infrastructure/persistence/postgres-installation-log';
import { PostgresMembershipStore } from './members/infrastructure/persistence/postgres-membership-store';
import { PostgresPeopleStore } from './accounts/infrastructure/persistence/postgres-user-store';
import { PostgresRefreshStore } from './accounts/infrastructure/persistence/postgres-refresh-token-store';
import { PostgresSessionStore } from './accounts/infrastructure/persistence/postgres-session-store';

const people = [
  People,
  Members,
  ListMembers,
  AskPasswordReset,
  Sessions,
  Tokens,
  OneTimeTokens,
  Askers,
  Passwords,
  AcceptInvitation,
  CheckPassword,
  LoginLimits,
  AccessEnded,
  PlatformUsers,
  PeopleAuthenticator,
  { provide: InstallationLog, useClass: PostgresInstallationLog },
  { provide: PeopleStore, useClass: PostgresPeopleStore },
  { provide: MembershipStore, useClass: PostgresMembershipStore },
  { provide: SessionStore, useClass: PostgresSessionStore },
  { provide: RefreshStore, useClass: PostgresRefreshStore },
  { provide: PasswordHasher, useClass: Argon2PasswordHasher },
  {
    provide: AccessTokens,
    useFactory: (e: Environment) => new JoseAccessTokens(KeyRing.parse(e.tokenKeys), e.accessTokenTtlS),
    inject: [Environment],
  },
];

/**
 * Global for its Authenticator only: platform/http guards every route with it and may not import a module.
 */
@Global()
@Module({
  imports: [TenancyModule],
  controllers: [
    ApiKeysController,
    AuthController,
    TokensController,
    UsersController,
    PlatformUsersController,
    InstallationLogController,
  ],
  providers: [
    ApiKeys,
    ApiKeyAuthenticator,
    MakeApiKey,
    RotateApiKey,
    RevokeApiKey,
    RevokeKeysBehind,
    ListApiKeys,
    KeyUsage,
    { provide: KnownKeys, useFactory: () => new KnownKeys() },
    { provide: ApiKeyStore, useClass: PostgresApiKeyStore },
    { provide: Authenticator, useClass: ThreeWays },
    ...people,
  ],
  exports: [ApiKeys, People, Authenticator],
})
export class IdentityModule {}
