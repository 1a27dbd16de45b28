import type { TenantId } from '../../../kernel/ids';
import { LocalCache } from '../../../platform/cache';

/** How long a change may stay unnoticed in another process. */
export const FEATURE_CACHE_TTL_MS = 5_000;
const TENANTS_MAX = 10_000;

/** The enabled features of each tenant. */
export class FeatureCache extends LocalCache<TenantId, ReadonlySet<string>> {
  constructor() {
    super({ ttlMs: FEATURE_CACHE_TTL_MS, maxEntries: TENANTS_MAX });
  }
}
