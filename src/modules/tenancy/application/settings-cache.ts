import type { TenantId } from '../../../kernel/ids';
import { LocalCache } from '../../../platform/cache';
import type { TenantSettings } from '../contract';

/** How long a change may stay unnoticed in another process. */
export const SETTINGS_CACHE_TTL_MS = 5_000;
const TENANTS_MAX = 10_000;

/**
 * The settings of each tenant. Only values are shared, never a load in progress (`load`, not `loadShared`): it
 * runs in the transaction of its caller, and may fail with it.
 */
export class SettingsCache extends LocalCache<TenantId, TenantSettings> {
  constructor() {
    super({ ttlMs: SETTINGS_CACHE_TTL_MS, maxEntries: TENANTS_MAX });
  }
}
