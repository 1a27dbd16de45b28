/** At 25 payments a second it would wait longer than anybody watches. */
const UNDER_WAY_MAX = 500;
const UNDER_WAY = ['pending', 'processing', 'retryable', 'unknown', 'waiting_for_funds'];

export interface Standing {
  readonly counts: Readonly<Record<string, number>>;
  readonly accounts: readonly { readonly status: string; readonly paused_reason: string | null }[];
}

/** Why a demonstration would not come to its end on these data of an earlier start; null when it would. */
export function inTheWay({ counts, accounts }: Standing): string | null {
  const paused = accounts.find(({ status }) => status === 'paused');
  if (paused) return `its Stripe account is paused (${paused.paused_reason ?? 'no reason given'})`;
  const underWay = UNDER_WAY.reduce((sum, status) => sum + (counts[status] ?? 0), 0);
  return underWay > UNDER_WAY_MAX ? `${underWay} transfers of earlier settlements are under way, and come first` : null;
}
