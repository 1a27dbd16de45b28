import { defineModule } from '../../platform/module';
import { Tenancy1764000010000 } from './infrastructure/persistence/migrations/1764000010000-tenancy';
import { TenancyModule } from './tenancy.module';

export const tenancy = defineModule({
  name: 'tenancy',
  nestModules: [TenancyModule],
  migrations: [Tenancy1764000010000],
  scopes: {
    'tenant:read': ['operator', 'analyst', 'read_only'],
    'tenant:write': [],
  },
  platformScopes: ['tenants:read', 'tenants:write'],
  auditedRoutes: {
    'PUT /tenant/branding': ['tenant_branding.changed'],
    'PUT /tenant/features/{name}': ['tenant_feature.enabled'],
    'POST /tenants': ['tenant.created'],
    'POST /tenants/{id}/suspend': ['tenant.suspended'],
    'POST /tenants/{id}/reactivate': ['tenant.reactivated'],
    'PUT /tenant/settings': ['tenant_settings.changed'],
  },
});
