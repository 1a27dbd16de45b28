import { Global, Module } from '@nestjs/common';
import { FeatureSwitches } from '../../platform/access';
import { KnownSwitches } from './application/known-switches';
import { ListTenants } from './application/list-tenants.query';
import { BrandingStore, FeatureStore, TenantStore } from './application/ports';
import { RunTenants } from './application/run-tenants';
import { Tenancy } from './application/tenancy.facade';
import { TenantBranding } from './application/tenant-branding';
import { TenantFeatures } from './application/tenant-features';
import { BrandingController } from './infrastructure/http/branding.controller';
import { FeaturesController } from './infrastructure/http/features.controller';
import { SettingsController } from './infrastructure/http/settings.controller';
import { TenantsController } from './infrastructure/http/tenants.controller';
import { PostgresBrandingStore } from './infrastructure/persistence/postgres-branding-store';
import { PostgresFeatureStore } from './infrastructure/persistence/postgres-feature-store';
import { PostgresTenantStore } from './infrastructure/persistence/postgres-tenant-store';

/** Global for its FeatureSwitches only: `@Feature()` of platform/http asks for them in every module. */
@Global()
@Module({
  controllers: [SettingsController, BrandingController, FeaturesController, TenantsController],
  providers: [
    Tenancy,
    TenantBranding,
    TenantFeatures,
    RunTenants,
    ListTenants,
    { provide: FeatureSwitches, useExisting: TenantFeatures },
    { provide: KnownSwitches, useFactory: () => new KnownSwitches() },
    { provide: TenantStore, useClass: PostgresTenantStore },
    { provide: BrandingStore, useClass: PostgresBrandingStore },
    { provide: FeatureStore, useClass: PostgresFeatureStore },
  ],
  exports: [Tenancy, FeatureSwitches],
})
export class TenancyModule {}
