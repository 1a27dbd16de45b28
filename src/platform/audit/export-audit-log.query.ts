import { Injectable } from '@nestjs/common';
import { DomainError } from '../../kernel/errors';
import type { Tx } from '../../kernel/tx';
import { csvLine } from './csv';
import { type AuditFilters, type AuditRow, ListAuditLog } from './list-audit-log.query';

export const EXPORT_MAX = 10_000;
/** Read in parts, so that other requests have their turn between two of them. */
const PART = 1_000;

const COLUMNS = ['id', 'at', 'action', 'actor_kind', 'actor_id', 'actor_name', 'entity_kind', 'entity_id', 'before', 'after', 'request_id', 'address'] as const;
const HEAD = csvLine(COLUMNS);

export const CSV_EXAMPLE =
  HEAD +
  csvLine([
    ...['0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10', '2025-11-21T08:00:00.000Z', 'recipient.changed', 'api_key', '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e11', 'production'],
    ...['recipient', '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e12', '{"name":"Ann"}', '{"name":"Anna"}', '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e13', '192.0.2.1'],
  ]);

/** A file that ends early would look whole to whoever reads it later. */
export class ExportTooLarge extends DomainError {
  readonly code = 'export_too_large';
  readonly kind = 'invalid';
  constructor() {
    super(`More than ${EXPORT_MAX} records are meant. Narrow them by at[gte] and at[lte].`);
  }
}

@Injectable()
export class ExportAuditLog {
  constructor(private readonly list: ListAuditLog) {}

  /** @throws ExportTooLarge */
  async run(tx: Tx, filters: AuditFilters, max = EXPORT_MAX): Promise<string> {
    const lines = [HEAD];
    for (let position: [string] | null = null; ; ) {
      const rows: AuditRow[] = await this.list.run(tx, filters, { limit: PART, take: PART, position, backwards: false });
      lines.push(...rows.map(lineOf));
      if (lines.length - 1 > max) throw new ExportTooLarge();
      const last = rows.at(-1);
      if (rows.length < PART || !last) return lines.join('');
      position = [last.id];
    }
  }
}

function lineOf(row: AuditRow): string {
  const told = { ...row, at: row.at.toISOString(), before: jsonOf(row.before), after: jsonOf(row.after) };
  return csvLine(COLUMNS.map((column) => told[column] ?? ''));
}

function jsonOf(snapshot: AuditRow['before']): string {
  return snapshot ? JSON.stringify(snapshot) : '';
}
