import type { Api } from './api';
import { obstacleOf, unfinishedWork, type InstallationStatus, TO_BE_EXPANDED } from './obstacles';
import { type Installation, topUp } from './world';

export interface Waiting {
  readonly lookEveryMs: number;
  /** How long to wait without any change. */
  readonly giveUpAfterMs: number;
  readonly wait: (ms: number) => Promise<unknown>;
  readonly say: (line: string) => void;
}

/** Waits until the work of an interrupted start is done. Returns what prevents a demonstration, or null. */
export async function finishEarlierRun(
  api: Api,
  on: Installation,
  { lookEveryMs, giveUpAfterMs, wait, say }: Waiting,
): Promise<string | null> {
  let seen: string | null = null;
  let toppedUp = false;
  for (let movedAt = performance.now(); performance.now() - movedAt < giveUpAfterMs;) {
    const status = await readStatus(api);
    const left = unfinishedWork(status);
    const obstacle = obstacleOf(status);
    if (obstacle || !left) return obstacle;
    say(
      seen === null ? `An earlier start was interrupted, and what it left comes first: ${left}` : `  ${left}`,
    );
    if (left !== seen) movedAt = performance.now();
    seen = left;
    if (!toppedUp && (status.counts['waiting_for_funds'] ?? 0) > 0) {
      await topUp(on);
      toppedUp = true;
    }
    await wait(lookEveryMs);
  }
  return `${seen ?? 'what is under way'} did not move for ${giveUpAfterMs / 1000} seconds`;
}

async function readStatus(api: Api): Promise<InstallationStatus> {
  const { counts } = await api.get<Pick<InstallationStatus, 'counts'>>('/operations/diagnostics/payouts');
  const { results: accounts } = await api.get<{ results: InstallationStatus['accounts'] }>(
    '/connections/rail-accounts',
  );
  const pages = await Promise.all(
    TO_BE_EXPANDED.map((status) => api.get<{ results: unknown[] }>(`/settlements?status=${status}`)),
  );
  return { counts, accounts, toBeExpanded: pages.reduce((sum, { results }) => sum + results.length, 0) };
}
