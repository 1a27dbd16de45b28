import { defineModule } from '../../platform/module';
import { IdentityJobsModule } from './identity-jobs.module';
import { IdentityModule } from './identity.module';
import { Identity1764000020000 } from './infrastructure/persistence/migrations/1764000020000-identity';

export const identity = defineModule({
  name: 'identity',
  nestModules: [IdentityModule, IdentityJobsModule],
  migrations: [Identity1764000020000],
  scopes: {
    'api_keys:read': ['operator'],
    'api_keys:write': [],
    'users:read': ['operator'],
    'users:write': [],
  },
  platformScopes: ['platform_users:read', 'platform_users:write'],
  auditedRoutes: {
    'POST /api-keys': ['api_key.created'],
    'POST /api-keys/{id}/rotate': ['api_key.rotated'],
    'DELETE /api-keys/{id}': ['api_key.revoked'],
    'POST /users': ['user.invited'],
    'POST /auth/accept-invitation': ['user.invitation_accepted'],
    'PATCH /users/{id}': ['user.changed'],
    'POST /users/{id}/reset-password': ['user.reset_asked'],
    'POST /auth/reset-password': ['user.password_reset'],
    'POST /auth/change-password': ['user.password_changed'],
    'PATCH /platform-users/{id}': ['user.disabled'],
    'DELETE /users/{id}': ['user.removed'],
  },
  unauditedRoutes: {
    'POST /auth/login': 'a user signs in or out: in the log, and nothing of a tenant changes',
    'POST /auth/logout': 'a user signs in or out: in the log, and nothing of a tenant changes',
    'POST /auth/token': 'a user signs in or out: in the log, and nothing of a tenant changes',
    'POST /auth/refresh': 'a user signs in or out: in the log, and nothing of a tenant changes',
    'POST /auth/revoke': 'a user signs in or out: in the log, and nothing of a tenant changes',
  },
});
