import { domainError } from '../../kernel/errors';

/** Made once, shown once: only its hash is kept. */
export interface CreatedApiKey {
  readonly id: string;
  readonly secret: string;
}

export class TenantSuspended extends domainError(
  'tenant_suspended',
  'forbidden',
  'This tenant is suspended.',
) {}

export class UnknownScope extends domainError(
  'unknown_scope',
  'invalid',
  (scope: string) => `There is no scope ${scope}.`,
) {}

export class ScopeNotHeld extends domainError(
  'scope_not_held',
  'forbidden',
  (scopes: readonly string[]) =>
    `You do not hold ${scopes.join(', ')}: nobody gives a key more than they may do themselves.`,
) {}

export class ApiKeyRevoked extends domainError(
  'api_key_revoked',
  'conflict',
  'This API key was revoked: make a new one.',
) {}

export class TooManyApiKeys extends domainError(
  'too_many_api_keys',
  'conflict',
  (max: number) =>
    `A tenant has at most ${max} API keys that are neither revoked nor expired: revoke what nobody uses.`,
) {}

export class InvalidApiKey extends domainError('invalid_api_key', 'invalid') {}

export class ApiKeyUnknown extends domainError('not_found', 'not_found', 'There is no such API key.') {}

export class ApiKeyRequired extends domainError(
  'api_key_required',
  'forbidden',
  'You are a person and call with no API key. GET /api/v1/auth/profile tells who you are.',
) {}

export class UnknownRole extends domainError(
  'unknown_role',
  'invalid',
  (role: string) => `There is no role ${role}.`,
) {}

export class RoleAboveYours extends domainError(
  'role_above_yours',
  'forbidden',
  'Nobody gives or takes a role that may do more than they may themselves.',
) {}

export class InvalidEmail extends domainError(
  'invalid_email',
  'invalid',
  'This is no e-mail address, or it holds characters that cannot be seen.',
) {}

export class InvalidPersonName extends domainError(
  'invalid_name',
  'invalid',
  'A person is named by 1 to 100 characters.',
) {}

export class WeakPassword extends domainError('weak_password', 'invalid') {}

/** One answer for all that may be wrong with a token that is used once. */
export class InvalidToken extends domainError(
  'invalid_token',
  'invalid',
  'This token is unknown, used or expired, or the password is not that of its account.',
) {}

export class MemberUnknown extends domainError(
  'user_not_found',
  'not_found',
  'There is no such user here.',
) {}

export class AlreadyMember extends domainError(
  'already_member',
  'conflict',
  'This person belongs to the tenant already.',
) {}

/** For the command line, which may know who is there; a tenant that invites somebody is never told. */
export class PersonShutOut extends domainError(
  'user_disabled',
  'conflict',
  'This person is shut out of the installation, so no token would let them in: an administrator of the installation lets them in again first.',
) {}

export class LastAdmin extends domainError(
  'last_admin',
  'conflict',
  'A tenant keeps at least one active administrator.',
) {}

export class LastPlatformAdmin extends domainError(
  'last_platform_admin',
  'conflict',
  'An installation keeps at least one active administrator who can log in.',
) {}

export class ResetNotYours extends domainError(
  'reset_not_yours',
  'forbidden',
  'This person has another tenant, no accepted membership here, or runs the installation: their password is not yours to reset.',
) {}

export class AskedTenantUnknown extends domainError(
  'tenant_not_found',
  'not_found',
  'There is no such tenant, or it is not yours.',
) {}
