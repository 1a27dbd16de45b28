/** At 25 payments a second it would wait longer than anybody watches. */
const UNDER_WAY_MAX = 500;
const UNDER_WAY = ['pending', 'processing', 'retryable', 'unknown', 'waiting_for_funds'];

/** Settlements in these are about to become transfers. */
export const TO_BE_EXPANDED = ['checking', 'recording', 'recorded', 'expanding'];

export interface Standing {
  readonly counts: Readonly<Record<string, number>>;
  /** How many settlements have transfers still to come. */
  readonly toBeExpanded: number;
  readonly accounts: readonly { readonly status: string; readonly paused_reason: string | null }[];
}

/** Why a demonstration would not come to its end on these data of an earlier start; null when it would. */
export function inTheWay({ counts, accounts }: Standing): string | null {
  const paused = accounts.find(({ status }) => status === 'paused');
  if (paused) return `its Stripe account is paused (${paused.paused_reason ?? 'no reason given'})`;
  const left = underWay(counts);
  return left > UNDER_WAY_MAX
    ? `${left} transfers of earlier settlements are under way, and come first`
    : null;
}

/**
 * What an earlier start left to be done, in words; null when nothing is. It would meet the faults that are
 * meant for the demonstration.
 */
export function leftOver({ counts, toBeExpanded }: Standing): string | null {
  const parts = [
    toBeExpanded ? `settlements to expand ${toBeExpanded}` : '',
    ...UNDER_WAY.map((status) => (counts[status] ? `${status} ${counts[status]}` : '')),
  ];
  return parts.filter(Boolean).join(', ') || null;
}

function underWay(counts: Standing['counts']): number {
  return UNDER_WAY.reduce((sum, status) => sum + (counts[status] ?? 0), 0);
}
