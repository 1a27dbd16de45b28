import { Injectable } from '@nestjs/common';
import { In, Not } from 'typeorm';
import { type Tx, UnitOfWork } from '../../../../kernel/tx';
import { isUniqueViolation, repository, sql } from '../../../../platform/database';
import { ListResponseCache } from '../../../../platform/pagination/list-response-cache';
import {
  ContestTaken,
  type DueQuery,
  type DueItem,
  SETTLEMENT_LIST,
  SettlementRepository,
} from '../../application/ports';
import type { SettlementSnapshot } from '../../domain/settlement-snapshot';
import { SettlementRow } from './settlement.row';
import { deferSettlement, findDueSettlements, noteSettlementFailure } from './sql/settlements.sql';

/** As in the index settlements_contest. */
const LETS_THE_CONTEST_GO = ['checking', 'rejected', 'cancelled'] as const;

@Injectable()
export class PostgresSettlementRepository extends SettlementRepository {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly responses: ListResponseCache,
  ) {
    super();
  }

  async add(tx: Tx, settlement: SettlementSnapshot): Promise<boolean> {
    this.responses.invalidate(tx, SETTLEMENT_LIST);
    const inserted = await repository(tx, SettlementRow)
      .createQueryBuilder()
      .insert()
      .values(this.rowOf(tx, settlement))
      .orIgnore()
      .returning('id')
      .execute();
    return (inserted.raw as unknown[]).length === 1;
  }

  find(tx: Tx, id: string): Promise<SettlementSnapshot | null> {
    return repository(tx, SettlementRow).findOneBy({ id });
  }

  ofContest(tx: Tx, contestId: string): Promise<SettlementSnapshot | null> {
    return repository(tx, SettlementRow).findOneBy({ contestId, state: Not(In(LETS_THE_CONTEST_GO)) });
  }

  lock(tx: Tx, id: string): Promise<SettlementSnapshot | null> {
    return repository(tx, SettlementRow).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  tryLock(tx: Tx, id: string): Promise<SettlementSnapshot | null> {
    return repository(tx, SettlementRow).findOne({
      where: { id },
      lock: { mode: 'pessimistic_write', onLocked: 'skip_locked' },
    });
  }

  async save(tx: Tx, settlement: SettlementSnapshot): Promise<void> {
    this.responses.invalidate(tx, SETTLEMENT_LIST);
    try {
      await repository(tx, SettlementRow).update({ id: settlement.id }, changeable(settlement));
    } catch (error) {
      throw isUniqueViolation(error, 'settlements_contest') ? new ContestTaken() : error;
    }
  }

  async due(tx: Tx, query: DueQuery): Promise<DueItem[]> {
    return (await sql(tx).rows(findDueSettlements(query))).map((row) => ({
      tenantId: row.tenant_id,
      id: row.id,
    }));
  }

  async defer(tx: Tx, id: string, reason: string): Promise<void> {
    this.responses.invalidate(tx, SETTLEMENT_LIST);
    await sql(tx).count(deferSettlement(id, reason));
  }

  async note(tx: Tx, id: string, reason: string): Promise<void> {
    this.responses.invalidate(tx, SETTLEMENT_LIST);
    await sql(tx).count(noteSettlementFailure(id, reason));
  }

  private rowOf(tx: Tx, settlement: SettlementSnapshot) {
    const { exclusions, makerActorChain } = settlement;
    return {
      ...settlement,
      ...approvalColumns(settlement),
      exclusions: [...exclusions],
      makerActorChain: [...makerActorChain],
      tenantId: this.uow.tenantOf(tx),
    };
  }
}

/**
 * The columns that may change. Contest, currency, pool, platform share and maker never change: the application's
 * login has no right to update them.
 */
function changeable(settlement: SettlementSnapshot) {
  const {
    state,
    remainderMinor,
    awardCount,
    awardsMinor,
    recordedThrough,
    reversedThrough,
    resultHash,
    rejection,
    recordedAt,
    cancelledBy,
    cancelledAt,
    cancelReason,
  } = settlement;
  const cancellation = { cancelledBy, cancelledAt, cancelReason };
  return {
    state,
    remainderMinor,
    awardCount,
    awardsMinor,
    recordedThrough,
    reversedThrough,
    resultHash,
    rejection,
    recordedAt,
    ...cancellation,
    ...approvalColumns(settlement),
  };
}

function approvalColumns({
  approvalAbove,
  approvedBy,
  approvedActorChain,
  approvedAt,
  approvedHash,
}: SettlementSnapshot) {
  return {
    approvalAbove,
    approvedBy,
    approvedActorChain: approvedActorChain && [...approvedActorChain],
    approvedAt,
    approvedHash,
  };
}
