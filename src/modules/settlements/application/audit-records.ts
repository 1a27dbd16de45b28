import { currencyOf, Money } from '../../../kernel/money';
import type { AuditRecord } from '../../../platform/audit';
import type { SettlementSnapshot } from '../domain/settlement-snapshot';

/** The record has sums only: awards are rows of their own that never change. */
export function settlementRecord(action: 'recorded' | 'received', s: SettlementSnapshot): AuditRecord {
  const text = (minor: bigint) => Money.of(minor, currencyOf(s.currency)).toText();
  const after = {
    contest_id: s.contestId,
    status: s.state,
    currency: s.currency,
    pool: text(s.poolMinor),
    platform_share: text(s.platformShareMinor),
    remainder: text(s.remainderMinor),
    awards: s.awardCount,
    total: text(s.awardsMinor),
    rail: s.rail,
  };
  return { action: `settlement.${action}`, entity: { kind: 'settlement', id: s.id }, after };
}
