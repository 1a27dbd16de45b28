import { Injectable } from '@nestjs/common';
import type { Actor } from '../../kernel/actor';
import { firstIdAt } from '../../kernel/ids';
import { type Tx, UnitOfWork } from '../../kernel/tx';
import { sql, type Sql } from '../database';
import type { PageWindow } from '../../kernel/page-window';

export interface AuditFilters {
  readonly action?: string;
  readonly entityKind?: string;
  readonly entityId?: string;
  readonly actorId?: string;
  readonly actorKind?: Actor['kind'];
  readonly from?: string;
  readonly to?: string;
}

export interface AuditRow {
  readonly id: string;
  readonly at: Date;
  readonly actor_kind: Actor['kind'];
  readonly actor_id: string | null;
  readonly actor_name: string;
  readonly request_id: string | null;
  readonly address: string | null;
  readonly action: string;
  readonly entity_kind: string;
  readonly entity_id: string;
  readonly before: Record<string, unknown> | null;
  readonly after: Record<string, unknown> | null;
}

/** How far the clock of a process, which is in the ids, may be off that of the database, which is in `at`. */
const CLOCKS_APART_MS = 86_400_000;

const BY = {
  action: 'action',
  entityKind: 'entity_kind',
  entityId: 'entity_id',
  actorId: 'actor_id',
  actorKind: 'actor_kind',
} as const;

/** Newest first; ids are in the order of time, so that a page deep down costs what the first one costs. */
@Injectable()
export class ListAuditLog {
  constructor(private readonly uow: UnitOfWork) {}

  run(tx: Tx, filters: AuditFilters, window: PageWindow): Promise<AuditRow[]> {
    return sql(tx).rows(pageOfRecords(this.uow.tenantOf(tx), filters, window));
  }

  /** Bytes of what the records of a page hold, none of which is sent. */
  async bytes(tx: Tx, filters: AuditFilters, window: PageWindow): Promise<number> {
    return Number((await sql(tx).one(sizeOfPage(this.uow.tenantOf(tx), filters, window))).bytes);
  }
}

export function pageOfRecords(tenant: string, filters: AuditFilters, window: PageWindow): Sql<AuditRow> {
  return ofPage('records', tenant, filters, window);
}

function sizeOfPage(
  tenant: string,
  filters: AuditFilters,
  window: PageWindow,
): Sql<{ readonly bytes: bigint }> {
  return ofPage('size', tenant, filters, window);
}

function ofPage<Row>(
  what: 'records' | 'size',
  tenant: string,
  filters: AuditFilters,
  window: PageWindow,
): Sql<Row> {
  const values: unknown[] = [tenant, window.take];
  const where = ['tenant_id = $1'];
  for (const [filter, column] of Object.entries(BY)) {
    const wanted = filters[filter as keyof typeof BY];
    if (wanted !== undefined) where.push(`${column} = $${values.push(wanted)}`);
  }
  // The bound of the id leads the walk to the time; what is exact is asked of `at`.
  if (filters.from !== undefined)
    where.push(
      `at >= $${values.push(filters.from)} AND id >= $${values.push(firstIdAt(msOf(filters.from) - CLOCKS_APART_MS))}`,
    );
  if (filters.to !== undefined)
    where.push(
      `at <= $${values.push(filters.to)} AND id <= $${values.push(firstIdAt(msOf(filters.to) + CLOCKS_APART_MS))}`,
    );
  if (window.position) where.push(`id ${window.backwards ? '>' : '<'} $${values.push(window.position[0])}`);
  const [select, end] =
    what === 'records'
      ? [
          'SELECT id, at, actor_kind, actor_id, actor_name, request_id, address, action, entity_kind, entity_id, before, after',
          '',
        ]
      : [
          'SELECT coalesce(sum(octet_length(concat(before, after, actor_name, entity_id, request_id))), 0)::bigint AS bytes FROM (SELECT before, after, actor_name, entity_id, request_id',
          ') page',
        ];
  return {
    text: `${select} FROM platform.audit_log WHERE ${where.join(' AND ')}
      ORDER BY id ${window.backwards ? 'ASC' : 'DESC'} LIMIT $2${end}`,
    values,
  };
}

/** RFC 3339 allows small letters, Date.parse does not. */
function msOf(time: string): number {
  return Date.parse(time.toUpperCase());
}
