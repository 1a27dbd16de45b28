import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { sql } from '../../../../platform/database';
import { AccountOpeningRepository, type StoredOpening } from '../../application/ports';
import type { AccountOpening } from '../../domain/account-opening';
import { findLatestOpening, findOpening, type OpeningRow, putOpening } from './sql/account-openings.sql';

@Injectable()
export class PostgresAccountOpeningRepository extends AccountOpeningRepository {
  constructor(private readonly uow: UnitOfWork) {
    super();
  }

  async latest(tx: Tx, recipientId: string): Promise<StoredOpening> {
    return storedOf(await sql(tx).maybe(findLatestOpening(recipientId)));
  }

  async byGeneration(tx: Tx, recipientId: string, generation: number): Promise<StoredOpening> {
    return storedOf(await sql(tx).maybe(findOpening(recipientId, generation)));
  }

  async put(tx: Tx, opening: AccountOpening): Promise<void> {
    await sql(tx).count(putOpening(this.uow.tenantOf(tx), opening));
  }
}

function storedOf(row: OpeningRow | null): StoredOpening {
  if (!row) throw new Error('the opening does not exist');
  const { now, ...opening } = row;
  return { now, opening: opening.generation === null ? null : (opening as AccountOpening) };
}
