import { domainError } from '../../../../kernel/errors';

export class TenantSuspended extends domainError(
  'tenant_suspended',
  'forbidden',
  'This tenant is suspended.',
) {}

export class TenantNotFound extends domainError(
  'tenant_not_found',
  'not_found',
  'This tenant does not exist, or you are not a member of it.',
) {}

export class UnknownScope extends domainError(
  'unknown_scope',
  'invalid',
  (scope: string) => `The scope ${scope} does not exist.`,
) {}

export class ScopeNotHeld extends domainError(
  'scope_not_held',
  'forbidden',
  (scopes: readonly string[]) =>
    `You can give a key only scopes that you have. Missing: ${scopes.join(', ')}.`,
) {}

export class UnknownRole extends domainError(
  'unknown_role',
  'invalid',
  (role: string) => `The role ${role} does not exist.`,
) {}

export class RoleAboveYours extends domainError(
  'role_above_yours',
  'forbidden',
  'You cannot give or take away a role that has more scopes than you have.',
) {}

export class InvalidApiKey extends domainError('invalid_api_key', 'invalid') {}

export class ApiKeyUnknown extends domainError('not_found', 'not_found', 'This API key does not exist.') {}

export class ApiKeyRevoked extends domainError(
  'api_key_revoked',
  'conflict',
  'This API key was revoked. Create a new one.',
) {}

export class TooManyApiKeys extends domainError(
  'too_many_api_keys',
  'conflict',
  (max: number) =>
    `A tenant has at most ${max} API keys that are neither revoked nor expired. Revoke keys that are not used.`,
) {}

export class ApiKeyRequired extends domainError(
  'api_key_required',
  'forbidden',
  'This route needs an API key; you are signed in as a user. Use GET /api/v1/auth/profile instead.',
) {}
