import { DomainError } from '../../kernel/errors';
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
}

export interface TenantSettings {
  /** What may be paid in; upper case, sorted. */
  readonly allowedCurrencies: readonly Currency[];
  /** Generations of a transfer that may end without effect before it is given up. */
  readonly maxAttempts: number;
  /** Per currency, in minor units: what is above needs a second person. No entry: nobody is asked. */
  readonly approvalAbove: ReadonlyMap<Currency, bigint>;
}

export class TenantUnknown extends DomainError {
  readonly code = 'tenant_unknown';
  readonly kind = 'not_found';
  constructor() {
    super('There is no such tenant.');
  }
}

export class InvalidTenantName extends DomainError {
  readonly code = 'invalid_tenant_name';
  readonly kind = 'invalid';
  constructor() {
    super('A tenant is named by 1 to 200 characters.');
  }
}

export class InvalidTenantSettings extends DomainError {
  readonly code = 'invalid_tenant_settings';
  readonly kind = 'invalid';
}
