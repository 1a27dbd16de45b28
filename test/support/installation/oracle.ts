import { DEADLINE_MS, type Installation } from './installation';
import { factsOf } from './oracle-facts';
import { moneyViolations } from './oracle-money';
import { type ProtocolTimes, protocolViolations } from './oracle-protocol';
import type { TenantWorld } from './tenant-world';

const TIMES: ProtocolTimes = { safeWindowMs: 43_200_000, quarantineMs: 1_000, callDeadlineMs: DEADLINE_MS };

/**
 * What is wrong in an installation at rest, a line each. Reads the simulator's record over HTTP and the
 * tables by SQL of its own as the superuser: a defect in our reading code must not hide one in our writing
 * code. `tenants` are all there are.
 */
export async function violations(
  installation: Installation,
  tenants: readonly TenantWorld[],
  times: Partial<ProtocolTimes> = {},
): Promise<string[]> {
  const facts = await factsOf(installation);
  return [...moneyViolations(facts, tenants), ...protocolViolations(facts, { ...TIMES, ...times })];
}
