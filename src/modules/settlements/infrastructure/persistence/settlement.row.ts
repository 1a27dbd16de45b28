import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Rail } from '../../../transfers/contract';
import type { Exclusion } from '../../domain/plan';
import type { Rejection, SettlementSnapshot, SettlementState } from '../../domain/settlement-snapshot';

@Entity({ schema: 'settlements', name: 'settlements' })
export class SettlementRow implements SettlementSnapshot {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid' }) tenantId: string;
  @PrimaryColumn({ type: 'uuid' }) id: string;
  @Column({ name: 'contest_id', type: 'text' }) contestId: string;
  @Column({ type: 'text' }) currency: string;
  @Column({ name: 'pool_minor', type: 'bigint' }) poolMinor: bigint;
  @Column({ name: 'platform_share_minor', type: 'bigint' }) platformShareMinor: bigint;
  @Column({ name: 'remainder_minor', type: 'bigint' }) remainderMinor: bigint;
  @Column({ name: 'allow_remainder', type: 'boolean' }) allowRemainder: boolean;
  @Column({ type: 'text' }) rail: Rail;
  @Column({ type: 'text' }) state: SettlementState;
  @Column({ name: 'award_count', type: 'int' }) awardCount: number;
  @Column({ name: 'awards_minor', type: 'bigint' }) awardsMinor: bigint;
  @Column({ name: 'recorded_through', type: 'int' }) recordedThrough: number;
  @Column({ name: 'reversed_through', type: 'int' }) reversedThrough: number;
  @Column({ name: 'result_hash', type: 'text', nullable: true }) resultHash: string | null;
  @Column({ type: 'jsonb' }) exclusions: readonly Exclusion[];
  @Column({ type: 'jsonb', nullable: true }) rejection: Rejection | null;
  @Column({ name: 'created_by', type: 'text' }) createdBy: string;
  @Column({ name: 'maker_actor_chain', type: 'uuid', array: true }) makerActorChain: readonly string[];
  @Column({ name: 'created_at', type: 'timestamptz' }) createdAt: Date;
  @Column({ name: 'recorded_at', type: 'timestamptz', nullable: true }) recordedAt: Date | null;
  @Column({ name: 'approval_above', type: 'bigint', nullable: true }) approvalAbove: bigint | null;
  @Column({ name: 'approved_by', type: 'text', nullable: true }) approvedBy: string | null;
  @Column({ name: 'approved_actor_chain', type: 'uuid', array: true, nullable: true }) approvedActorChain:
    readonly string[] | null;
  @Column({ name: 'approved_at', type: 'timestamptz', nullable: true }) approvedAt: Date | null;
  @Column({ name: 'approved_hash', type: 'text', nullable: true }) approvedHash: string | null;
  @Column({ name: 'cancelled_by', type: 'text', nullable: true }) cancelledBy: string | null;
  @Column({ name: 'cancelled_at', type: 'timestamptz', nullable: true }) cancelledAt: Date | null;
  @Column({ name: 'cancel_reason', type: 'text', nullable: true }) cancelReason: string | null;
}
