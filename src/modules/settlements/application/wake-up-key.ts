import { isUuid, tenantIdOf, type TenantId } from '../../../kernel/ids';
import type { DueItem } from './ports';

/** Wake-ups for settlements with a next step: a stream to check, a chunk to record or to cancel. */
export const SETTLEMENTS_QUEUE = 'settlements';

export function wakeUpKey(tenant: TenantId, settlementId: string): string {
  return `${tenant}/${settlementId}`;
}

/** Returns null for a key that is not valid: keys come from the queue and are not trusted. */
export function parseWakeUpKey(key: string): DueItem | null {
  const [tenant, id, ...rest] = key.split('/');
  return isUuid(tenant) && isUuid(id) && rest.length === 0 ? { tenantId: tenantIdOf(tenant), id } : null;
}
