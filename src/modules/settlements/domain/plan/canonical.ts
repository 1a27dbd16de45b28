import { createHash } from 'node:crypto';
import type { SettlementPlan } from './settlement-plan';

/** The version of the serialisation below. Raise it with every change of the format or of its content. */
const VERSION = 'disburse.plan.v1';

/** Compares code units: the order is the same on every machine, whatever its locale. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * SHA-256 (hex) over UTF-8 lines joined by "\n", each but the first a JSON array, amounts as decimal minor
 * units:
 *
 *     disburse.plan.v1
 *     ["contest",contestId,currency,pool,platformShare,remainder]
 *     ["award",payee,amount,rank or null]            one per award, in canonical order
 *     ["exclusion",payee,reason]                     one per exclusion, in canonical order
 *
 * JSON escapes line breaks, quotes and lone surrogates, so two different plans never give the same bytes.
 * Explanations are left out: they do not change what is paid.
 */
export function hashOf(plan: Omit<SettlementPlan, 'hash'>): string {
  const { contestId, currency, pool, platformShare, remainder } = plan;
  const lines = [
    VERSION,
    JSON.stringify(['contest', contestId, currency, `${pool}`, `${platformShare}`, `${remainder}`]),
  ];
  for (const { payee, amount, rank } of plan.awards)
    lines.push(`["award",${JSON.stringify(payee)},"${amount}",${rank ?? null}]`);
  for (const { payee, reason } of plan.exclusions) lines.push(JSON.stringify(['exclusion', payee, reason]));
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}
