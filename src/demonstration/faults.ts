import type { SimulatorClient } from '../simulator/control-client';
import type { FaultDirective, FaultKind } from '../simulator/faults/kinds';

const CREATE = { method: 'POST', path: '/v1/transfers' } as const;

/**
 * How often each fault happens. Scripted, so that the proof does not depend on chance. More often than the proof
 * requires, because a fault has no effect on the repeat of a call whose stored response is an error.
 */
const TIMES: Partial<Record<FaultKind, number>> = {
  lose_request: 4,
  lose_answer: 4,
  hang_before_effect: 4,
  hang_after_effect: 4,
  error_500_without_effect: 4,
  error_500_with_effect: 4,
  server_503: 4,
  rate_limited: 4,
  lock_timeout: 4,
  conflict: 4,
  reset_mid_body: 4,
  broken_json: 6,
};

export const KINDS = Object.keys(TIMES) as FaultKind[];

/** The kinds alternate, so that each is spread over the whole run. */
export async function scriptFaults(simulator: SimulatorClient): Promise<void> {
  const directives: FaultDirective[] = [];
  for (let round = 1; round <= Math.max(...Object.values(TIMES)); round++) {
    for (const kind of KINDS) {
      if ((TIMES[kind] ?? 0) >= round) directives.push({ kind, match: CREATE });
    }
  }
  await simulator.scriptFaults(...directives);
}
