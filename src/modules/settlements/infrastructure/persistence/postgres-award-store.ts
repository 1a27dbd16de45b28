import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { sql } from '../../../../platform/database';
import { type Award, AwardStore } from '../../application/ports';
import { awardOf, awardsFrom, insertAwards } from './sql/awards.sql';

/** Awards are facts, written in chunks and never changed: no class of the domain, no row of the ORM. */
@Injectable()
export class PostgresAwardStore extends AwardStore {
  constructor(private readonly uow: UnitOfWork) {
    super();
  }

  async add(tx: Tx, settlementId: string, awards: readonly Award[]): Promise<void> {
    await sql(tx).count(insertAwards(this.uow.tenantOf(tx), settlementId, awards));
  }

  async slice(tx: Tx, settlementId: string, from: number, count: number): Promise<Award[]> {
    return (await sql(tx).rows(awardsFrom(settlementId, from, count))).map(awardOf);
  }
}
