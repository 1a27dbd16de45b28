import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/tx';
import { sql, type Sql } from '../../../platform/database';
import type { PageWindow } from '../../../kernel/page-window';
import { SettlementNotFound } from '../domain/errors';
import type { SettlementSnapshot, SettlementState } from '../domain/settlement-snapshot';

export interface SettlementView extends SettlementSnapshot {
  readonly payoutJobId: string | null;
  /** Why the last step failed; null if no step is left. */
  readonly lastFailure: string | null;
}

export interface SettlementFilters {
  readonly contestId?: string;
  readonly status?: SettlementState;
}

export interface AwardView {
  readonly id: string;
  readonly position: number;
  readonly recipientId: string;
  readonly amountMinor: bigint;
  readonly rank: number | null;
  readonly explanation: {
    readonly gross: string;
    readonly rounding: string;
    readonly tie: { readonly places: [number, number]; readonly sharedBy: number } | null;
  } | null;
}

const COLUMNS = `s.id, s.contest_id AS "contestId", s.currency, s.pool_minor AS "poolMinor",
  s.platform_share_minor AS "platformShareMinor", s.remainder_minor AS "remainderMinor",
  s.allow_remainder AS "allowRemainder", s.rail, s.state, s.award_count AS "awardCount",
  s.awards_minor AS "awardsMinor", s.recorded_through AS "recordedThrough",
  s.reversed_through AS "reversedThrough", s.result_hash AS "resultHash", s.exclusions, s.rejection,
  s.created_by AS "createdBy", s.maker_actor_chain AS "makerActorChain",
  s.approval_above AS "approvalAbove", s.approved_by AS "approvedBy",
  s.approved_actor_chain AS "approvedActorChain", s.approved_at AS "approvedAt",
  s.approved_hash AS "approvedHash", s.created_at AS "createdAt", s.recorded_at AS "recordedAt",
  s.cancelled_by AS "cancelledBy", s.cancelled_at AS "cancelledAt",
  s.cancel_reason AS "cancelReason", j.id AS "payoutJobId",
  CASE WHEN s.state IN ('rejected', 'cancelled', 'expanded') THEN NULL ELSE s.last_failure END AS "lastFailure"`;
const FROM = `settlements.settlements s
  LEFT JOIN settlements.payout_jobs j ON j.tenant_id = s.tenant_id AND j.settlement_id = s.id`;

/** Lists settlements, newest first; reads one settlement, or a page of its awards. */
@Injectable()
export class ListSettlements {
  execute(tx: Tx, filters: SettlementFilters, window: PageWindow): Promise<SettlementView[]> {
    return sql(tx).rows(page(filters, window));
  }

  /** @throws SettlementNotFound */
  async one(tx: Tx, id: string): Promise<SettlementView> {
    const found = await sql(tx).maybe<SettlementView>({
      text: `SELECT ${COLUMNS} FROM ${FROM} WHERE s.id = $1`,
      values: [id],
    });
    if (!found) throw new SettlementNotFound();
    return found;
  }

  /** In the order of the plan: the next page has higher positions. */
  awards(tx: Tx, settlementId: string, window: PageWindow): Promise<AwardView[]> {
    const [compare, order] = window.backwards ? ['<', 'DESC'] : ['>', 'ASC'];
    return sql(tx).rows<AwardView>({
      text: `SELECT id, position, recipient_id AS "recipientId", amount_minor
        AS "amountMinor", rank, explanation FROM settlements.awards
              WHERE settlement_id = $1 AND position ${compare} $2::int ORDER BY position ${order} LIMIT $3`,
      values: [settlementId, window.position?.[0] ?? -1, window.take],
    });
  }
}

function page({ contestId, status }: SettlementFilters, window: PageWindow): Sql<SettlementView> {
  const values: unknown[] = [window.take];
  const where = ['true'];
  if (contestId !== undefined) where.push(`s.contest_id = $${values.push(contestId)}`);
  if (status !== undefined) where.push(`s.state = $${values.push(status)}`);
  if (window.position) where.push(`s.id ${window.backwards ? '>' : '<'} $${values.push(window.position[0])}`);
  return {
    text: `SELECT ${COLUMNS} FROM ${FROM} WHERE ${where.join(' AND ')}
      ORDER BY s.id ${window.backwards ? 'ASC' : 'DESC'} LIMIT $1`,
    values,
  };
}
