import { Module } from '@nestjs/common';
import { TenantStore } from './application/ports';
import { Tenancy } from './application/tenancy.facade';
import { SettingsController } from './infrastructure/http/settings.controller';
import { PostgresTenantStore } from './infrastructure/persistence/postgres-tenant-store';

@Module({
  controllers: [SettingsController],
  providers: [Tenancy, { provide: TenantStore, useClass: PostgresTenantStore }],
  exports: [Tenancy],
})
export class TenancyModule {}
