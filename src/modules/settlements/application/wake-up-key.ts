import { isUuid, tenantIdOf, type TenantId } from '../../../kernel/ids';
import type { Route } from './ports';

/** Settlements with a next step: streams to check, chunks to record or to take back. */
export const SETTLEMENTS_QUEUE = 'settlements';

export function wakeUpKey(tenant: TenantId, settlementId: string): string {
  return `${tenant}/${settlementId}`;
}

/** A key came through the queue and is untrusted: null for what is none of ours. */
export function routeOf(key: string): Route | null {
  const [tenant, id, ...rest] = key.split('/');
  return isUuid(tenant) && isUuid(id) && rest.length === 0 ? { tenantId: tenantIdOf(tenant), id } : null;
}
