import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PayoutJobSnapshot, PayoutJobStatus } from '../../domain/payout-job';

@Entity({ schema: 'settlements', name: 'payout_jobs' })
export class PayoutJobRow implements PayoutJobSnapshot {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid' }) tenantId: string;
  @PrimaryColumn({ type: 'uuid' }) id: string;
  @Column({ name: 'settlement_id', type: 'uuid' }) settlementId: string;
  @Column({ name: 'rail_account_id', type: 'uuid' }) railAccountId: string;
  @Column({ type: 'text' }) status: PayoutJobStatus;
  @Column({ name: 'expanded_through', type: 'int' }) expandedThrough: number;
  @Column({ type: 'int' }) total: number;
  @Column({ name: 'created_at', type: 'timestamptz' }) createdAt: Date;
  @Column({ name: 'started_at', type: 'timestamptz', nullable: true }) startedAt: Date | null;
  @Column({ name: 'completed_at', type: 'timestamptz', nullable: true }) completedAt: Date | null;
}
