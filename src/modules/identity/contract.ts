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
