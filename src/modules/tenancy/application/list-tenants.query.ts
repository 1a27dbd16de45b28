import { Injectable } from '@nestjs/common';
import { tenantIdOf } from '../../../kernel/ids';
import { UnitOfWork } from '../../../kernel/tx';
import { sql, type Sql } from '../../../platform/database';
import type { PageWindow } from '../../../kernel/page-window';
import type { Tenant, TenantStatus } from '../contract';

export interface TenantFilters {
  readonly status?: TenantStatus;
  /** The start of the name; case is ignored. */
  readonly name?: string;
  readonly slug?: string;
}

export interface ListedTenant extends Tenant {
  /** Position in the list, to the microsecond. */
  readonly position: string;
}

/**
 * The tenants of the installation, newest first, as the system. It serves requests, so it does not use the
 * connections of the sweeps.
 */
@Injectable()
export class ListTenants {
  constructor(private readonly uow: UnitOfWork) {}

  async execute(filters: TenantFilters, window: PageWindow): Promise<ListedTenant[]> {
    const rows = await this.uow.runAcrossTenants((tx) => sql(tx).rows(pageOfTenants(filters, window)));
    return rows.map((row) => ({ ...row, id: tenantIdOf(row.id) }));
  }
}

/** Ordered by time, not by id: ids that are derived from an idempotency key are in no order. */
export function pageOfTenants(
  { status, name, slug }: TenantFilters,
  { position, backwards, take }: PageWindow,
): Sql<ListedTenant> {
  const values: unknown[] = [take];
  const where = ['true'];
  if (status !== undefined) where.push(`status = $${values.push(status)}`);
  if (name !== undefined)
    where.push(`starts_with(lower(name), lower($${values.push(name.normalize('NFC'))}))`);
  if (slug !== undefined) where.push(`slug = $${values.push(slug)}`);
  const [is, way] = backwards ? ['>', 'ASC'] : ['<', 'DESC'];
  if (position)
    where.push(
      `(created_at, id) ${is} ($${values.push(position[0])}::timestamptz, $${values.push(position[1])}::uuid)`,
    );
  return {
    text: `SELECT id, name, slug, status, created_at AS "createdAt", created_at::text AS position
             FROM tenancy.tenants WHERE ${where.join(' AND ')} ORDER BY created_at ${way}, id ${way}
               LIMIT $1`,
    values,
  };
}
