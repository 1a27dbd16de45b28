import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { sql } from '../../../../platform/database';
import { type Award, AwardStore } from '../../application/ports';
import { awardOf, findAwardsFrom, insertAwards } from './sql/awards.sql';

/** Awards are written in chunks and never changed, so they need no aggregate and no row of TypeORM. */
@Injectable()
export class PostgresAwardStore extends AwardStore {
  constructor(private readonly uow: UnitOfWork) {
    super();
  }

  async add(tx: Tx, settlementId: string, awards: readonly Award[]): Promise<void> {
    await sql(tx).count(insertAwards(this.uow.tenantOf(tx), settlementId, awards));
  }

  async slice(tx: Tx, settlementId: string, from: number, count: number): Promise<Award[]> {
    return (await sql(tx).rows(findAwardsFrom(settlementId, from, count))).map(awardOf);
  }
}
