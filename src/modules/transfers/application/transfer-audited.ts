import { currencyOf, Money } from '../../../kernel/money';
import type { AuditRecord } from '../../../platform/audit';
import type { TransferSnapshot } from '../domain/transfer-snapshot';

/** What the audit trail keeps of a person's decision about a transfer. */
export function transferAudited(
  done: string,
  before: TransferSnapshot,
  now: TransferSnapshot,
  reason: string,
): AuditRecord {
  const money = Money.of(now.amountMinor, currencyOf(now.currency)).toJSON();
  return {
    action: `transfer.${done}`,
    entity: { kind: 'transfer', id: now.id },
    before: { status: before.state },
    after: { status: now.state, ...money, reason },
  };
}
