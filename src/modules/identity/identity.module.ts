import { Global, Module } from '@nestjs/common';
import { Authenticator } from '../../platform/http';
import { TenancyModule } from '../tenancy';
import { ApiKeyAuthenticator } from './application/api-key-authenticator';
import { ApiKeys } from './application/api-keys.facade';
import { KeyUsage } from './application/key-usage';
import { KnownKeys } from './application/known-keys';
import { ListApiKeys } from './application/list-api-keys.query';
import { MakeApiKey } from './application/make-api-key';
import { ApiKeyStore } from './application/ports';
import { RevokeApiKey } from './application/revoke-api-key';
import { RotateApiKey } from './application/rotate-api-key';
import { ApiKeysController } from './infrastructure/http/api-keys.controller';
import { PostgresApiKeyStore } from './infrastructure/persistence/postgres-api-key-store';

/** Global for its Authenticator only: platform/http guards every route with it and may not import a module. */
@Global()
@Module({
  imports: [TenancyModule],
  controllers: [ApiKeysController],
  providers: [
    ApiKeys,
    MakeApiKey,
    RotateApiKey,
    RevokeApiKey,
    ListApiKeys,
    KeyUsage,
    { provide: KnownKeys, useFactory: () => new KnownKeys() },
    { provide: ApiKeyStore, useClass: PostgresApiKeyStore },
    { provide: Authenticator, useClass: ApiKeyAuthenticator },
  ],
  exports: [ApiKeys, Authenticator],
})
export class IdentityModule {}
