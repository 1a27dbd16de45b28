/** Limits of the relay; tests shorten the pauses. */
export interface RelayLimits {
  /** Without a hint the relay claims this often. */
  readonly pollMs: number;
  /** The least time between two claims, so that events of many small transactions are claimed together. */
  readonly batchWindowMs: number;
  /** Tenants that one process delivers to at the same time, one batch each. */
  readonly tenantsMax: number;
  readonly batchMax: number;
  /**
   * After this, another relay may claim the batch. A batch that takes longer is delivered twice, and the inbox
   * drops the second delivery.
   */
  readonly leaseMs: number;
  readonly triesMax: number;
  /** Doubles with every try: ten tries leave 17 minutes to fix a failing handler before its event is parked. */
  readonly pauseMs: number;
  readonly pauseMaxMs: number;
  /** The pause while the database or a provider is unavailable. */
  readonly unavailableMs: number;
}

export const RELAY_LIMITS: RelayLimits = {
  pollMs: 500,
  batchWindowMs: 20,
  tenantsMax: 4,
  batchMax: 500,
  leaseMs: 120_000,
  triesMax: 10,
  pauseMs: 2_000,
  pauseMaxMs: 600_000,
  unavailableMs: 5_000,
};
