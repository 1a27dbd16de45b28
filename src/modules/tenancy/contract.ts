import { domainError } from '../../kernel/errors';
import type { TenantId } from '../../kernel/ids';
import type { Currency } from '../../kernel/money';

export const TENANT_STATUSES = ['active', 'suspended'] as const;
/** A suspended tenant may not call; money that is already on its way arrives. */
export type TenantStatus = (typeof TENANT_STATUSES)[number];

export interface Tenant {
  readonly id: TenantId;
  readonly name: string;
  /** For people and addresses; unique because it ends in a part of the id. */
  readonly slug: string;
  readonly status: TenantStatus;
  readonly createdAt: Date;
}

export interface TenantSettings {
  /** What may be paid in; upper case, sorted. */
  readonly allowedCurrencies: readonly Currency[];
  /** Generations of a transfer that may end without effect before it is given up. */
  readonly maxAttempts: number;
  /** Per currency, in minor units: what is above needs a second person. No entry: nobody is asked. */
  readonly approvalAbove: ReadonlyMap<Currency, bigint>;
}

/** How a tenant shows itself to the people it pays. */
export interface Branding {
  readonly displayName: string;
  readonly logoUrl: string | null;
  /** `#rrggbb` in lower case. */
  readonly primaryColor: string | null;
  readonly supportEmail: string | null;
  readonly supportUrl: string | null;
}

/** What a tenant may turn on, and what it then has. Everything is off until it does. */
export const FEATURES = {
  audit_export: 'The audit trail as a CSV file: GET /api/v1/audit-log/export.',
} as const;
export type FeatureName = keyof typeof FEATURES;
export const FEATURE_NAMES = Object.keys(FEATURES) as FeatureName[];

export class FeatureUnknown extends domainError(
  'feature_unknown',
  'not_found',
  `There is no feature of this name. There are: ${FEATURE_NAMES.join(', ')}.`,
) {}

export class TenantUnknown extends domainError('tenant_unknown', 'not_found', 'There is no such tenant.') {}

export class InvalidTenantName extends domainError(
  'invalid_tenant_name',
  'invalid',
  'A tenant is named by 1 to 200 characters.',
) {}

/** As the idempotent routes of a tenant reject it. */
export class IdempotencyKeyReused extends domainError(
  'idempotency_key_reused',
  'invalid',
  'This Idempotency-Key was used with other content, or on another route.',
) {}

export class InvalidTenantSettings extends domainError('invalid_tenant_settings', 'invalid') {}
