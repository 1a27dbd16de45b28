/**
 * Gets the key of a wake-up. The key came through Redis and is untrusted: it may be unknown, stale or another
 * tenant's.
 */
export type WakeUpHandler = (key: string) => Promise<void>;

export interface QueueStatus {
  readonly queue: string;
  /** When this process last got a wake-up of this queue. */
  readonly lastDeliveryAt: Date | null;
  /** Wake-ups of this process that the queue did not take. */
  readonly rejected: number;
  /** Deliveries that were thrown away because they were no wake-ups. */
  readonly dropped: number;
  /** Handlers that threw. */
  readonly failed: number;
}

export interface WakeUpsStatus {
  readonly adapter: 'bull' | 'in-process';
  /** False while the queue's server does not answer. */
  readonly connected: boolean;
  readonly queues: readonly QueueStatus[];
}

/**
 * "There may be work at `key`": nothing more. A wake-up may come twice, late or never, so whatever must
 * happen is also found by a sweep of the database.
 */
export abstract class WakeUps {
  /**
   * Never throws and is never waited for. Wake-ups for a key that already waits are one; one that comes while
   * its handler runs leads to one more run.
   */
  abstract wake(queue: string, key: string): void;
  /**
   * At most `concurrency` handlers of the queue run at once in this process, and never two for one key. Other
   * processes may run the same key at the same time.
   */
  abstract consume(queue: string, handler: WakeUpHandler, options: { readonly concurrency: number }): void;
  abstract lastDeliveryAt(queue: string): Date | null;
  abstract status(): WakeUpsStatus;
  /** Stops taking, lets running handlers end, then closes. */
  abstract close(): Promise<void>;
}
