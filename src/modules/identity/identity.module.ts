import { Global, Module } from '@nestjs/common';
import { Environment } from '../../platform/config';
import { KeyRing } from '../../platform/crypto';
import { Authenticator } from '../../platform/http';
import { TenancyModule } from '../tenancy';
import { AcceptInvitation } from './application/accept-invitation';
import { AccessEnded } from './application/access-ended';
import { ApiKeyAuthenticator } from './application/api-key-authenticator';
import { ApiKeys } from './application/api-keys.facade';
import { AskPasswordReset } from './application/ask-password-reset';
import { Askers } from './application/askers';
import { CheckPassword } from './application/check-password';
import { KeyUsage } from './application/key-usage';
import { KnownKeys } from './application/known-keys';
import { ListApiKeys } from './application/list-api-keys.query';
import { ListMembers } from './application/list-members.query';
import { LoginLimits } from './application/login-limits';
import { MakeApiKey } from './application/make-api-key';
import { InstallationLog } from './application/installation-log';
import { Members } from './application/members';
import { OneTimeTokens } from './application/one-time-tokens';
import { Passwords } from './application/passwords';
import { PeopleAuthenticator } from './application/people-authenticator';
import { People } from './application/people.facade';
import {
  AccessTokens,
  MembershipStore,
  PasswordHasher,
  PeopleStore,
  RefreshStore,
  SessionStore,
} from './application/people.ports';
import { PlatformUsers } from './application/platform-users';
import { ApiKeyStore } from './application/ports';
import { RevokeApiKey } from './application/revoke-api-key';
import { RevokeKeysBehind } from './application/revoke-keys-behind';
import { RotateApiKey } from './application/rotate-api-key';
import { Sessions } from './application/sessions';
import { ThreeWays } from './application/three-ways';
import { Tokens } from './application/tokens';
import { Argon2PasswordHasher } from './infrastructure/crypto/argon2-password-hasher';
import { JoseAccessTokens } from './infrastructure/crypto/jose-access-tokens';
import { ApiKeysController } from './infrastructure/http/api-keys.controller';
import { AuthController } from './infrastructure/http/auth.controller';
import { PlatformUsersController } from './infrastructure/http/platform-users.controller';
import { InstallationLogController } from './infrastructure/http/installation-log.controller';
import { TokensController } from './infrastructure/http/tokens.controller';
import { UsersController } from './infrastructure/http/users.controller';
import { PostgresApiKeyStore } from './infrastructure/persistence/postgres-api-key-store';
import { PostgresInstallationLog } from './infrastructure/persistence/postgres-installation-log';
import { PostgresMembershipStore } from './infrastructure/persistence/postgres-membership-store';
import { PostgresPeopleStore } from './infrastructure/persistence/postgres-people-store';
import { PostgresRefreshStore } from './infrastructure/persistence/postgres-refresh-store';
import { PostgresSessionStore } from './infrastructure/persistence/postgres-session-store';

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
