import { Environment } from '../../../platform/config';
import { KeyRing } from '../../../platform/crypto';
import { Authenticator } from '../../../platform/access';
import { DeclaredScopes } from '../../../platform/module';
import { AccessRevocation } from './application/access-revocation';
import { ApiKeyAuthenticator } from './application/api-key-authenticator';
import { ApiKeys } from './application/api-keys.facade';
import { CreateApiKey } from './application/create-api-key';
import { KeyUsage } from './application/key-usage';
import { PrincipalCache } from './application/principal-cache';
import { ListActiveMemberships } from './application/list-active-memberships.query';
import { ListApiKeys } from './application/list-api-keys.query';
import { PeopleAuthenticator } from './application/people-authenticator';
import { AccessTokens, ApiKeyStore, InstallationLogStore } from './application/ports';
import { RevokeApiKey } from './application/revoke-api-key';
import { RevokeDerivedKeys } from './application/revoke-derived-keys';
import { RotateApiKey } from './application/rotate-api-key';
import { CompositeAuthenticator } from './application/composite-authenticator';
import { ScopeCatalogue } from './domain/scope-catalogue';
import { JoseAccessTokens } from './infrastructure/crypto/jose-access-tokens';
import { ApiKeysController } from './infrastructure/http/api-keys.controller';
import { InstallationLogController } from './infrastructure/http/installation-log.controller';
import { PostgresApiKeyStore } from './infrastructure/persistence/postgres-api-key-store';
import { PostgresInstallationLogStore } from './infrastructure/persistence/postgres-installation-log-store';

export const accessControllers = [ApiKeysController, InstallationLogController];

/** What a caller may do: API keys, scopes and roles, authenticators, access epochs. */
export const accessProviders = [
  ApiKeys,
  CreateApiKey,
  RotateApiKey,
  RevokeApiKey,
  RevokeDerivedKeys,
  ListApiKeys,
  ListActiveMemberships,
  KeyUsage,
  AccessRevocation,
  ApiKeyAuthenticator,
  PeopleAuthenticator,
  { provide: PrincipalCache, useFactory: () => new PrincipalCache() },
  { provide: Authenticator, useClass: CompositeAuthenticator },
  {
    provide: ScopeCatalogue,
    useFactory: ({ ofTenants, ofPlatform }: DeclaredScopes) => new ScopeCatalogue(ofTenants, ofPlatform),
    inject: [DeclaredScopes],
  },
  { provide: ApiKeyStore, useClass: PostgresApiKeyStore },
  { provide: InstallationLogStore, useClass: PostgresInstallationLogStore },
  {
    provide: AccessTokens,
    useFactory: (e: Environment) => new JoseAccessTokens(KeyRing.parse(e.tokenKeys), e.accessTokenTtlS),
    inject: [Environment],
  },
];
