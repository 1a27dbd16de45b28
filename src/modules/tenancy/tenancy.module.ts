import { Global, Module } from '@nestjs/common';
import { FeatureSwitches } from '../../platform/access';
import { ChangeTenantSettings } from './application/change-tenant-settings';
import { ChangeTenantStatus } from './application/change-tenant-status';
import { EnsureTenant } from './application/ensure-tenant';
import { FeatureCache } from './application/feature-cache';
import { ListTenants } from './application/list-tenants.query';
import { BrandingStore, FeatureStore, TenantStore } from './application/ports';
import { SettingsCache } from './application/settings-cache';
import { Tenancy } from './application/tenancy.facade';
import { TenantAdministration } from './application/tenant-administration';
import { TenantBranding } from './application/tenant-branding';
import { TenantFeatures } from './application/tenant-features';
import { BrandingController } from './infrastructure/http/branding.controller';
import { FeaturesController } from './infrastructure/http/features.controller';
import { SettingsController } from './infrastructure/http/settings.controller';
import { TenantsController } from './infrastructure/http/tenants.controller';
import { PostgresBrandingStore } from './infrastructure/persistence/postgres-branding-store';
import { PostgresFeatureStore } from './infrastructure/persistence/postgres-feature-store';
import { PostgresTenantStore } from './infrastructure/persistence/postgres-tenant-store';

/** Global only for its FeatureSwitches, which `@Feature()` of the platform reads in every module. */
@Global()
@Module({
  controllers: [SettingsController, BrandingController, FeaturesController, TenantsController],
  providers: [
    Tenancy,
    TenantBranding,
    TenantFeatures,
    TenantAdministration,
    EnsureTenant,
    ChangeTenantStatus,
    ChangeTenantSettings,
    ListTenants,
    { provide: FeatureSwitches, useExisting: TenantFeatures },
    { provide: FeatureCache, useFactory: () => new FeatureCache() },
    { provide: SettingsCache, useFactory: () => new SettingsCache() },
    { provide: TenantStore, useClass: PostgresTenantStore },
    { provide: BrandingStore, useClass: PostgresBrandingStore },
    { provide: FeatureStore, useClass: PostgresFeatureStore },
  ],
  exports: [Tenancy, FeatureSwitches],
})
export class TenancyModule {}
