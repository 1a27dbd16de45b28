import { Injectable } from '@nestjs/common';
import { domainError } from '../../kernel/errors';
import type { Tx } from '../../kernel/tx';
import { csvLine } from './csv';
import { type AuditFilters, type AuditRow, ListAuditLog } from './list-audit-log.query';

export const EXPORT_MAX = 10_000;
/**
 * The file is made whole before the first byte is sent, so this is what one export takes of the memory, about
 * twice over.
 */
export const EXPORT_BYTES_MAX = 16 * 1_048_576;
/** Measured and read in parts, so that other requests have their turn between two of them. */
const PART = 500;

const COLUMNS = [
  'id',
  'at',
  'action',
  'actor_kind',
  'actor_id',
  'actor_name',
  'entity_kind',
  'entity_id',
  'before',
  'after',
  'request_id',
  'address',
] as const;
const HEAD = csvLine(COLUMNS);

export const CSV_EXAMPLE =
  HEAD +
  csvLine([
    ...[
      '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10',
      '2025-11-21T08:00:00.000Z',
      'recipient.changed',
      'api_key',
      '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e11',
      'production',
    ],
    ...[
      'recipient',
      '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e12',
      '{"name":"Ann"}',
      '{"name":"Anna"}',
      '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e13',
      '192.0.2.1',
    ],
  ]);

/** A truncated file would look complete to its reader. */
export class ExportTooLarge extends domainError(
  'export_too_large',
  'invalid',
  `More than ${EXPORT_MAX} records are meant, or they hold more than ${EXPORT_BYTES_MAX / 1_048_576} MiB. Narrow them by at[gte] and at[lte].`,
) {}

@Injectable()
export class ExportAuditLog {
  constructor(private readonly list: ListAuditLog) {}

  /** `assertWanted` is asked before each part, and may end it. @throws ExportTooLarge */
  async run(
    tx: Tx,
    filters: AuditFilters,
    { max = EXPORT_MAX, bytesMax = EXPORT_BYTES_MAX, assertWanted = (): void => undefined } = {},
  ): Promise<string> {
    const lines = [HEAD];
    let bytes = 0;
    for (let position: [string] | null = null; ;) {
      assertWanted();
      const part = { take: PART, position, backwards: false };
      bytes += await this.list.bytes(tx, filters, part);
      if (bytes > bytesMax) throw new ExportTooLarge();
      const rows: AuditRow[] = await this.list.run(tx, filters, part);
      lines.push(...rows.map(lineOf));
      if (lines.length - 1 > max) throw new ExportTooLarge();
      const last = rows.at(-1);
      if (rows.length < PART || !last) return lines.join('');
      position = [last.id];
    }
  }
}

function lineOf(row: AuditRow): string {
  const shown = { ...row, at: row.at.toISOString(), before: jsonOf(row.before), after: jsonOf(row.after) };
  return csvLine(COLUMNS.map((column) => shown[column] ?? ''));
}

function jsonOf(snapshot: AuditRow['before']): string {
  return snapshot ? JSON.stringify(snapshot) : '';
}
