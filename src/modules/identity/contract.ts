import { DomainError } from '../../kernel/errors';

/** Made once, shown once: only its hash is kept. */
export interface CreatedApiKey {
  readonly id: string;
  readonly secret: string;
}

export class TenantSuspended extends DomainError {
  readonly code = 'tenant_suspended';
  readonly kind = 'forbidden';
  constructor() {
    super('This tenant is suspended.');
  }
}

export class UnknownScope extends DomainError {
  readonly code = 'unknown_scope';
  readonly kind = 'invalid';
  constructor(scope: string) {
    super(`There is no scope ${scope}.`);
  }
}

export class ScopeNotHeld extends DomainError {
  readonly code = 'scope_not_held';
  readonly kind = 'forbidden';
  constructor(scopes: readonly string[]) {
    super(`You do not hold ${scopes.join(', ')}: nobody gives a key more than they may do themselves.`);
  }
}

export class ApiKeyRevoked extends DomainError {
  readonly code = 'api_key_revoked';
  readonly kind = 'conflict';
  constructor() {
    super('This API key was revoked: make a new one.');
  }
}

export class TooManyApiKeys extends DomainError {
  readonly code = 'too_many_api_keys';
  readonly kind = 'conflict';
  constructor(max: number) {
    super(
      `A tenant has at most ${max} API keys that are neither revoked nor expired: revoke what nobody uses.`,
    );
  }
}

export class InvalidApiKey extends DomainError {
  readonly code = 'invalid_api_key';
  readonly kind = 'invalid';
}

export class ApiKeyUnknown extends DomainError {
  readonly code = 'not_found';
  readonly kind = 'not_found';
  constructor() {
    super('There is no such API key.');
  }
}

export class ApiKeyRequired extends DomainError {
  readonly code = 'api_key_required';
  readonly kind = 'forbidden';
  constructor() {
    super('You are a person and call with no API key. GET /api/v1/auth/profile tells who you are.');
  }
}

export class UnknownRole extends DomainError {
  readonly code = 'unknown_role';
  readonly kind = 'invalid';
  constructor(role: string) {
    super(`There is no role ${role}.`);
  }
}

export class RoleAboveYours extends DomainError {
  readonly code = 'role_above_yours';
  readonly kind = 'forbidden';
  constructor() {
    super('Nobody gives or takes a role that may do more than they may themselves.');
  }
}

export class InvalidEmail extends DomainError {
  readonly code = 'invalid_email';
  readonly kind = 'invalid';
  constructor() {
    super('This is no e-mail address, or it holds characters that cannot be seen.');
  }
}

export class InvalidPersonName extends DomainError {
  readonly code = 'invalid_name';
  readonly kind = 'invalid';
  constructor() {
    super('A person is named by 1 to 100 characters.');
  }
}

export class WeakPassword extends DomainError {
  readonly code = 'weak_password';
  readonly kind = 'invalid';
}

/** One answer for all that may be wrong with a token that is used once. */
export class InvalidToken extends DomainError {
  readonly code = 'invalid_token';
  readonly kind = 'invalid';
  constructor() {
    super('This token is unknown, used or expired, or the password is not that of its account.');
  }
}

export class MemberUnknown extends DomainError {
  readonly code = 'user_not_found';
  readonly kind = 'not_found';
  constructor() {
    super('There is no such user here.');
  }
}

export class AlreadyMember extends DomainError {
  readonly code = 'already_member';
  readonly kind = 'conflict';
  constructor() {
    super('This person belongs to the tenant already.');
  }
}

/** For the command line, which may know who is there; a tenant that invites somebody is never told. */
export class PersonShutOut extends DomainError {
  readonly code = 'user_disabled';
  readonly kind = 'conflict';
  constructor() {
    super(
      'This person is shut out of the installation, so no token would let them in: an administrator of the installation lets them in again first.',
    );
  }
}

export class LastAdmin extends DomainError {
  readonly code = 'last_admin';
  readonly kind = 'conflict';
  constructor() {
    super('A tenant keeps at least one active administrator.');
  }
}

export class LastPlatformAdmin extends DomainError {
  readonly code = 'last_platform_admin';
  readonly kind = 'conflict';
  constructor() {
    super('An installation keeps at least one active administrator who can log in.');
  }
}

export class ResetNotYours extends DomainError {
  readonly code = 'reset_not_yours';
  readonly kind = 'forbidden';
  constructor() {
    super(
      'This person has another tenant, no accepted membership here, or runs the installation: their password is not yours to reset.',
    );
  }
}

export class AskedTenantUnknown extends DomainError {
  readonly code = 'tenant_not_found';
  readonly kind = 'not_found';
  constructor() {
    super('There is no such tenant, or it is not yours.');
  }
}
