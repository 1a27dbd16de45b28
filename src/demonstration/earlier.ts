import type { Api } from './api';
import { inTheWay, leftOver, type Standing, TO_BE_EXPANDED } from './in-the-way';
import { type Installation, topUp } from './world';

export interface Waiting {
  readonly lookEveryMs: number;
  /** Without a single change. */
  readonly giveUpAfterMs: number;
  readonly wait: (ms: number) => Promise<unknown>;
  readonly say: (line: string) => void;
}

/**
 * An interrupted start leaves work, and this one carries it on. Waits for its end; answers what stands in the
 * way of a demonstration, or null.
 */
export async function finishEarlier(
  api: Api,
  on: Installation,
  { lookEveryMs, giveUpAfterMs, wait, say }: Waiting,
): Promise<string | null> {
  let seen: string | null = null;
  let toppedUp = false;
  for (let movedAt = performance.now(); performance.now() - movedAt < giveUpAfterMs;) {
    const standing = await standingOf(api);
    const left = leftOver(standing);
    const obstacle = inTheWay(standing);
    if (obstacle || !left) return obstacle;
    say(
      seen === null ? `An earlier start was interrupted, and what it left comes first: ${left}` : `  ${left}`,
    );
    if (left !== seen) movedAt = performance.now();
    seen = left;
    if (!toppedUp && (standing.counts['waiting_for_funds'] ?? 0) > 0) {
      await topUp(on);
      toppedUp = true;
    }
    await wait(lookEveryMs);
  }
  return `${seen ?? 'what is under way'} did not move for ${giveUpAfterMs / 1000} seconds`;
}

async function standingOf(api: Api): Promise<Standing> {
  const { counts } = await api.get<Pick<Standing, 'counts'>>('/operations/diagnostics/payouts');
  const { results: accounts } = await api.get<{ results: Standing['accounts'] }>(
    '/connections/rail-accounts',
  );
  const pages = await Promise.all(
    TO_BE_EXPANDED.map((status) => api.get<{ results: unknown[] }>(`/settlements?status=${status}`)),
  );
  return { counts, accounts, toBeExpanded: pages.reduce((sum, { results }) => sum + results.length, 0) };
}
