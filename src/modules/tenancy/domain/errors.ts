import { domainError } from '../../../kernel/errors';
import { FEATURE_NAMES } from './features';

export class FeatureUnknown extends domainError(
  'feature_unknown',
  'not_found',
  `This feature does not exist. The features are: ${FEATURE_NAMES.join(', ')}.`,
) {}

export class TenantUnknown extends domainError(
  'tenant_unknown',
  'not_found',
  'This tenant does not exist.',
) {}

export class InvalidTenantName extends domainError(
  'invalid_tenant_name',
  'invalid',
  'The name of a tenant has 1 to 200 characters.',
) {}

/** As the idempotent routes of a tenant reject it. */
export class IdempotencyKeyReused extends domainError(
  'idempotency_key_reused',
  'invalid',
  'This Idempotency-Key was used with other content, or on another route.',
) {}

export class InvalidTenantSettings extends domainError('invalid_tenant_settings', 'invalid') {}
