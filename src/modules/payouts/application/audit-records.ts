import { currencyOf, Money } from '../../../kernel/money';
import type { AuditRecord } from '../../../platform/audit';
import { PayoutCreated, PayoutStatusChanged } from '../contract';
import type { PayoutSnapshot } from '../domain/payout';

export function createdRecord({ id, recipientId, amountMinor, currency, rail }: PayoutSnapshot): AuditRecord {
  const amount = Money.of(amountMinor, currencyOf(currency)).toText();
  return {
    action: PayoutCreated.name,
    entity: { kind: 'payout', id },
    after: { recipient_id: recipientId, amount, currency, rail },
  };
}

export function changedRecord(before: PayoutSnapshot, after: PayoutSnapshot): AuditRecord {
  const { status, reason } = after;
  return {
    action: PayoutStatusChanged.name,
    entity: { kind: 'payout', id: after.id },
    before: { status: before.status },
    after: { status, reason },
  };
}
