import { LocalCache } from '../../../../platform/cache';
import type { Principal } from '../../../../kernel/principal';

/** How long a caller whose access ended may still read in another process; writes check the access epoch. */
export const PRINCIPAL_CACHE_TTL_MS = 5_000;
const PRINCIPALS_MAX = 10_000;

/** An authenticated caller, and how long its credentials are valid; null is without end. */
export interface Admitted {
  readonly principal: Principal;
  readonly forMs: number | null;
}

/**
 * Callers that were authenticated a moment ago, by the hash of their credentials (and, for a user, of the
 * tenant they chose). Failed authentications are not cached: they cannot fill the cache, and a key that was
 * just created works at once.
 */
export class PrincipalCache {
  private readonly cache: LocalCache<string, Admitted | null>;

  constructor(nowMs?: () => number) {
    const ttlOf = (admitted: Admitted | null) => (admitted ? (admitted.forMs ?? PRINCIPAL_CACHE_TTL_MS) : 0);
    this.cache = new LocalCache({ ttlMs: PRINCIPAL_CACHE_TTL_MS, ttlOf, maxEntries: PRINCIPALS_MAX }, nowMs);
  }

  /** Requests with the same credentials at the same moment share one `load`. */
  async get(hash: string, load: () => Promise<Admitted | null>): Promise<Principal | null> {
    return (await this.cache.loadShared(hash, load))?.principal ?? null;
  }

  /** Removes this object only; a principal that was loaded since is younger and stays. */
  forget(principal: Principal): void {
    this.cache.removeWhere((admitted) => admitted?.principal === principal);
  }

  async forgetId(principalId: string): Promise<void> {
    this.forgetIds(new Set([principalId]));
  }

  /** Also discards authentications that are running: they may have read before the access ended. */
  forgetIds(principalIds: ReadonlySet<string>): void {
    this.cache.invalidateWhere((admitted) => admitted !== null && principalIds.has(admitted.principal.id));
  }
}
