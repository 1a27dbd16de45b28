import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { repository } from '../../../../platform/database';
import { RecipientRepository } from '../../application/ports';
import type { RecipientSnapshot } from '../../domain/recipient';
import { RecipientRow } from './recipient.row';

@Injectable()
export class PostgresRecipientRepository extends RecipientRepository {
  constructor(private readonly uow: UnitOfWork) {
    super();
  }

  /** orIgnore, because a unique violation would abort the caller's transaction. */
  async add(tx: Tx, recipient: RecipientSnapshot): Promise<boolean> {
    const row = { tenantId: this.uow.tenantOf(tx), ...recipient };
    const result = await repository(tx, RecipientRow)
      .createQueryBuilder()
      .insert()
      .values(row)
      .orIgnore()
      .returning('id')
      .execute();
    return (result.raw as unknown[]).length === 1;
  }

  lock(tx: Tx, id: string): Promise<RecipientSnapshot | null> {
    return repository(tx, RecipientRow).findOne({
      where: { tenantId: this.uow.tenantOf(tx), id },
      lock: { mode: 'pessimistic_write' },
    });
  }

  async save(tx: Tx, { id, ...state }: RecipientSnapshot): Promise<void> {
    await repository(tx, RecipientRow).update({ tenantId: this.uow.tenantOf(tx), id }, columnsOf(state));
  }
}

/** Only what may change; a row that was read also has its tenant. */
function columnsOf(s: Omit<RecipientSnapshot, 'id'>) {
  const {
    type,
    name,
    accountNumber,
    accountTail,
    bankCode,
    country,
    isActive,
    metadata,
    defaultPaymentMethod,
    updatedAt,
  } = s;
  return {
    type,
    name,
    accountNumber,
    accountTail,
    bankCode,
    country,
    isActive,
    metadata,
    defaultPaymentMethod,
    updatedAt,
  };
}
