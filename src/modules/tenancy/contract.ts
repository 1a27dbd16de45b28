import type { TenantId } from '../../kernel/ids';
import type { Currency } from '../../kernel/money';

export * from './domain/errors';
export * from './domain/features';

export const TENANT_STATUSES = ['active', 'suspended'] as const;
/** The requests of a suspended tenant are rejected; transfers that were already sent are completed. */
export type TenantStatus = (typeof TENANT_STATUSES)[number];

export interface Tenant {
  readonly id: TenantId;
  readonly name: string;
  /** For URLs and host names; unique because it ends in a part of the id. */
  readonly slug: string;
  readonly status: TenantStatus;
  readonly createdAt: Date;
}

export interface TenantSettings {
  /** The currencies in which the tenant may pay; upper case, sorted. */
  readonly allowedCurrencies: readonly Currency[];
  /** After this many generations without effect a transfer fails. */
  readonly maxAttempts: number;
  /** In minor units: a higher amount needs a second person's approval. No entry: no approval is needed. */
  readonly approvalAbove: ReadonlyMap<Currency, bigint>;
}

/** How the tenant is presented to the people it pays. */
export interface Branding {
  readonly displayName: string;
  readonly logoUrl: string | null;
  /** `#rrggbb` in lower case. */
  readonly primaryColor: string | null;
  readonly supportEmail: string | null;
  readonly supportUrl: string | null;
}
