/** At 25 payments a second, more would delay the demonstration too long. */
const UNFINISHED_MAX = 500;
const UNFINISHED = ['pending', 'processing', 'retryable', 'unknown', 'waiting_for_funds'];

/** Settlements in these states will have transfers soon. */
export const TO_BE_EXPANDED = ['checking', 'recording', 'recorded', 'expanding'];

export interface InstallationStatus {
  readonly counts: Readonly<Record<string, number>>;
  /** The number of settlements in these states. */
  readonly toBeExpanded: number;
  readonly accounts: readonly { readonly status: string; readonly paused_reason: string | null }[];
}

/** Returns why a demonstration cannot run on the data of an earlier start, or null. */
export function obstacleOf({ counts, accounts }: InstallationStatus): string | null {
  const paused = accounts.find(({ status }) => status === 'paused');
  if (paused) return `its Stripe account is paused (${paused.paused_reason ?? 'no reason given'})`;
  const left = countUnfinished(counts);
  return left > UNFINISHED_MAX
    ? `${left} transfers of earlier settlements are under way, and come first`
    : null;
}

/** Returns the unfinished work of an earlier start as text, or null. It must not use up the scripted faults. */
export function unfinishedWork({ counts, toBeExpanded }: InstallationStatus): string | null {
  const parts = [
    toBeExpanded ? `settlements to expand ${toBeExpanded}` : '',
    ...UNFINISHED.map((status) => (counts[status] ? `${status} ${counts[status]}` : '')),
  ];
  return parts.filter(Boolean).join(', ') || null;
}

function countUnfinished(counts: InstallationStatus['counts']): number {
  return UNFINISHED.reduce((sum, status) => sum + (counts[status] ?? 0), 0);
}
