import { currencyOf, Money } from '../../../kernel/money';
import type { AuditRecord } from '../../../platform/audit';
import type { TransferSnapshot } from '../domain/transfer-snapshot';

/** The audit record of an operator's action on a transfer. */
export function auditRecordOf(
  action: string,
  before: TransferSnapshot,
  now: TransferSnapshot,
  reason: string,
): AuditRecord {
  const money = Money.of(now.amountMinor, currencyOf(now.currency)).toJSON();
  return {
    action: `transfer.${action}`,
    entity: { kind: 'transfer', id: now.id },
    before: { status: before.state },
    after: { status: now.state, ...money, reason },
  };
}
