import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { sql } from '../../../../platform/database';
import { type UploadLine, UploadStore, type UploadTotals, type DueItem } from '../../application/ports';
import * as statements from './sql/uploads.sql';

@Injectable()
export class PostgresUploadStore extends UploadStore {
  constructor(private readonly uow: UnitOfWork) {
    super();
  }

  async open(tx: Tx, id: string): Promise<void> {
    await sql(tx).count(statements.insertUpload(this.uow.tenantOf(tx), id));
  }

  async add(tx: Tx, id: string, lines: readonly UploadLine[]): Promise<boolean> {
    if ((await sql(tx).count(statements.changeUploadState(id, 'receiving'))) === 0) return false;
    if (lines.length > 0) await sql(tx).count(statements.insertUploadLines(this.uow.tenantOf(tx), id, lines));
    return true;
  }

  async close(tx: Tx, id: string): Promise<boolean> {
    return (await sql(tx).count(statements.changeUploadState(id, 'received'))) === 1;
  }

  async abandon(tx: Tx, id: string): Promise<void> {
    await sql(tx).count(statements.changeUploadState(id, 'discarded'));
  }

  async discard(tx: Tx, id: string): Promise<void> {
    await sql(tx).count(statements.discardUpload(id));
  }

  async totals(tx: Tx, id: string): Promise<UploadTotals> {
    const { lines, minor } = await sql(tx).one(statements.sumUploadLines(id));
    const repeated = await sql(tx).rows(statements.duplicateLines(id));
    return {
      lines: Number(lines),
      minor: BigInt(minor ?? 0),
      duplicates: Number(repeated[0]?.total ?? 0),
      duplicateLines: repeated.map((row) => ({ line: row.line, firstLine: row.first_line })),
    };
  }

  async page(
    tx: Tx,
    id: string,
    after: Pick<UploadLine, 'rank' | 'recipientId'> | null,
    limit: number,
  ): Promise<UploadLine[]> {
    return (await sql(tx).rows(statements.findUploadLinesAfter(id, after, limit))).map(
      statements.uploadLineOf,
    );
  }

  async remove(tx: Tx, id: string, lines: readonly UploadLine[]): Promise<void> {
    const [first, last] = [lines[0], lines.at(-1)];
    if (first && last) await sql(tx).count(statements.deleteUploadLines(id, first, last));
  }

  async removeEmpty(tx: Tx, id: string): Promise<void> {
    await sql(tx).count(statements.deleteUpload(id));
  }

  async purge(tx: Tx, id: string, limit: number): Promise<'more' | 'purged' | 'none'> {
    if (!(await sql(tx).maybe(statements.lockDiscardedUpload(id)))) return 'none';
    if ((await sql(tx).count(statements.purgeUploadLines(id, limit))) === limit) return 'more';
    await sql(tx).count(statements.deleteUpload(id));
    return 'purged';
  }

  async abandoned(tx: Tx, tenant: TenantId | null): Promise<DueItem[]> {
    return (await sql(tx).rows(statements.findAbandonedUploads(tenant))).map((row) => ({
      tenantId: row.tenant_id,
      id: row.id,
    }));
  }

  async discardIdle(tx: Tx, id: string): Promise<void> {
    await sql(tx).count(statements.discardIdleUpload(id));
  }
}
