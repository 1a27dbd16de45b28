import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { sql } from '../../../../platform/database';
import { AccountOpenings, type KnownOpening } from '../../application/ports';
import type { AccountOpening } from '../../domain/account-opening';
import { latestOpening, type LatestRow, openingOf, putOpening } from './sql/account-openings.sql';

@Injectable()
export class PostgresAccountOpenings extends AccountOpenings {
  constructor(private readonly uow: UnitOfWork) {
    super();
  }

  async latest(tx: Tx, recipientId: string): Promise<KnownOpening> {
    return knownOf(await sql(tx).maybe(latestOpening(recipientId)));
  }

  async one(tx: Tx, recipientId: string, generation: number): Promise<KnownOpening> {
    return knownOf(await sql(tx).maybe(openingOf(recipientId, generation)));
  }

  async put(tx: Tx, opening: AccountOpening): Promise<void> {
    await sql(tx).count(putOpening(this.uow.tenantOf(tx), opening));
  }
}

function knownOf(row: LatestRow | null): KnownOpening {
  if (!row) throw new Error('the opening vanished');
  const { now, ...opening } = row;
  return { now, opening: opening.generation === null ? null : (opening as AccountOpening) };
}
