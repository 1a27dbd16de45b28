import { Injectable } from '@nestjs/common';
import type { TenantId } from '../../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { sql } from '../../../../platform/database';
import { type IntakeLine, IntakeStore, type IntakeTotals, type Route } from '../../application/ports';
import * as statements from './sql/intake.sql';

@Injectable()
export class PostgresIntakeStore extends IntakeStore {
  constructor(private readonly uow: UnitOfWork) {
    super();
  }

  async open(tx: Tx, id: string): Promise<void> {
    await sql(tx).count(statements.openIntake(this.uow.tenantOf(tx), id));
  }

  async add(tx: Tx, id: string, lines: readonly IntakeLine[]): Promise<boolean> {
    if ((await sql(tx).count(statements.moveIntake(id, 'receiving'))) === 0) return false;
    if (lines.length > 0) await sql(tx).count(statements.insertLines(this.uow.tenantOf(tx), id, lines));
    return true;
  }

  async close(tx: Tx, id: string): Promise<boolean> {
    return (await sql(tx).count(statements.moveIntake(id, 'received'))) === 1;
  }

  async abandon(tx: Tx, id: string): Promise<void> {
    await sql(tx).count(statements.moveIntake(id, 'discarded'));
  }

  async discard(tx: Tx, id: string): Promise<void> {
    await sql(tx).count(statements.discardIntake(id));
  }

  async totals(tx: Tx, id: string): Promise<IntakeTotals> {
    const { lines, minor } = await sql(tx).one(statements.sumLines(id));
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
    after: Pick<IntakeLine, 'rank' | 'recipientId'> | null,
    limit: number,
  ): Promise<IntakeLine[]> {
    return (await sql(tx).rows(statements.linesAfter(id, after, limit))).map(statements.intakeLineOf);
  }

  async remove(tx: Tx, id: string, lines: readonly IntakeLine[]): Promise<void> {
    const [first, last] = [lines[0], lines.at(-1)];
    if (first && last) await sql(tx).count(statements.deleteLines(id, first, last));
  }

  async removeEmpty(tx: Tx, id: string): Promise<void> {
    await sql(tx).count(statements.deleteIntake(id));
  }

  async purge(tx: Tx, id: string, limit: number): Promise<'more' | 'purged' | 'none'> {
    if (!(await sql(tx).maybe(statements.lockDiscarded(id)))) return 'none';
    if ((await sql(tx).count(statements.purgeLines(id, limit))) === limit) return 'more';
    await sql(tx).count(statements.deleteIntake(id));
    return 'purged';
  }

  async abandoned(tx: Tx, tenant: TenantId | null): Promise<Route[]> {
    return (await sql(tx).rows(statements.abandonedIntakes(tenant))).map((row) => ({
      tenantId: row.tenant_id,
      id: row.id,
    }));
  }

  async giveUp(tx: Tx, id: string): Promise<void> {
    await sql(tx).count(statements.giveUpIntake(id));
  }
}
