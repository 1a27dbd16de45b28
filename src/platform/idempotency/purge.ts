import { tenantIdOf } from '../../kernel/ids';
import type { UnitOfWork } from '../../kernel/tx';
import { sql } from '../database';
import { purgeKeys, tenantsWithOldKeys } from './idempotency-keys.sql';

/** The API promises 30 days; one more, so that the promise also holds at its edge. */
export const KEPT_DAYS = 31;
const SLICE = 5_000;

/** Deletes keys older than `days` and returns their number. For a schedule; can run twice at once. */
export async function purgeIdempotencyKeys(uow: UnitOfWork, days = KEPT_DAYS): Promise<number> {
  if (days < KEPT_DAYS) throw new Error(`idempotency keys are kept at least ${KEPT_DAYS} days`);
  const tenants = await uow.runForSystem((tx) => sql(tx).rows(tenantsWithOldKeys(days)));
  let purged = 0;
  for (const { tenant_id } of tenants) {
    const tenant = tenantIdOf(tenant_id);
    let slice: number;
    do {
      slice = await uow.run(tenant, (tx) => sql(tx).count(purgeKeys(tenant, days, SLICE)));
      purged += slice;
    } while (slice === SLICE);
  }
  return purged;
}
