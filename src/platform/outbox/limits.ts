/** How the relay works; suites that want to see ten tries shorten the pauses. */
export interface RelayLimits {
  /** Without a hint it looks this often. */
  readonly pollMs: number;
  /** The least time from one look to the next. */
  readonly gatherMs: number;
  /** Tenants this process serves at once, a list of each. */
  readonly tenantsAtOnce: number;
  readonly listMax: number;
  /**
   * What a dead relay had claimed is anybody's after this. A list that takes longer is told twice, and the
   * inbox sees to it.
   */
  readonly leaseMs: number;
  readonly triesMax: number;
  /**
   * Doubles with every try: with ten tries a broken consumer has 17 minutes to be mended before its event is
   * parked.
   */
  readonly pauseMs: number;
  readonly pauseMaxMs: number;
  /** When the database or a provider is away. */
  readonly awayMs: number;
}

export const RELAY_LIMITS: RelayLimits = {
  pollMs: 500,
  gatherMs: 20,
  tenantsAtOnce: 4,
  listMax: 500,
  leaseMs: 120_000,
  triesMax: 10,
  pauseMs: 2_000,
  pauseMaxMs: 600_000,
  awayMs: 5_000,
};
