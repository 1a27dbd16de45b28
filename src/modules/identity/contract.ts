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
