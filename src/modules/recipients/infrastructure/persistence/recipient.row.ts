import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PaymentMethodType, RecipientType } from '../../contract';
import type { RecipientSnapshot } from '../../domain/recipient';

@Entity({ schema: 'recipients', name: 'recipients' })
export class RecipientRow implements RecipientSnapshot {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid' })
  tenantId: string;
  @PrimaryColumn({ type: 'uuid' })
  id: string;
  @Column({ type: 'text' })
  type: RecipientType;
  @Column({ type: 'text' })
  name: string;
  @Column({ name: 'account_number', type: 'text', nullable: true })
  accountNumber: string | null;
  @Column({ name: 'account_tail', type: 'text', nullable: true })
  accountTail: string | null;
  @Column({ name: 'bank_code', type: 'text', nullable: true })
  bankCode: string | null;
  @Column({ type: 'text' })
  country: string;
  @Column({ name: 'external_id', type: 'text', nullable: true, update: false })
  externalId: string | null;
  @Column({ name: 'is_active', type: 'boolean' })
  isActive: boolean;
  @Column({ type: 'jsonb' })
  metadata: Record<string, string>;
  @Column({ name: 'default_payment_method', type: 'text', nullable: true })
  defaultPaymentMethod: PaymentMethodType | null;
  @Column({ name: 'created_at', type: 'timestamptz', update: false })
  createdAt: Date;
  @Column({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;
}
