import type { TenantId } from '../../../kernel/ids';

/** A key as it is kept. */
export interface ApiKey {
  readonly tenantId: TenantId;
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly createdAt: Date;
}
