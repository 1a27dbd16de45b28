import type { Log } from '../logging';
import type { Metrics } from '../metrics';
import type { QueueStatus } from './wake-ups';

/**
 * What happened to the wake-ups of one queue in this process: for diagnostics, for /metrics and, when it
 * begins, for the log.
 */
export class QueueFigures {
  private lastDeliveryAt: Date | null = null;
  private rejected = 0;
  private dropped = 0;
  private failed = 0;
  private rejecting = false;

  constructor(
    private readonly queue: string,
    private readonly log: Log,
    private readonly metrics: Metrics,
  ) {}

  get status(): QueueStatus {
    const { queue, lastDeliveryAt, rejected, dropped, failed } = this;
    return { queue, lastDeliveryAt, rejected, dropped, failed };
  }

  accept(): void {
    this.rejecting = false;
  }

  /** Logged when it begins, not a thousand times a second while it lasts. */
  reject(reason: string, error?: unknown): void {
    this.rejected++;
    this.metrics
      .counter({
        name: 'disburse_wakeups_rejected_total',
        help: 'Wake-ups the queue did not take; a sweep finds their work.',
        labels: ['queue'],
      })
      .inc({ queue: this.queue });
    if (!this.rejecting) this.log.warn('wakeup.rejected', { queue: this.queue, reason, error });
    this.rejecting = true;
  }

  deliver(): void {
    this.lastDeliveryAt = new Date();
    this.metrics
      .counter({
        name: 'disburse_wakeups_delivered_total',
        help: 'Wake-ups this process got.',
        labels: ['queue'],
      })
      .inc({ queue: this.queue });
  }

  drop(reason: string): void {
    this.dropped++;
    this.metrics
      .counter({
        name: 'disburse_wakeups_dropped_total',
        help: 'Deliveries that were no wake-ups.',
        labels: ['queue', 'reason'],
      })
      .inc({ queue: this.queue, reason });
    this.log.warn('wakeup.dropped', { queue: this.queue, reason });
  }

  fail(key: string, error: unknown): void {
    this.failed++;
    this.metrics
      .counter({
        name: 'disburse_wakeups_failed_total',
        help: 'Handlers of wake-ups that threw.',
        labels: ['queue'],
      })
      .inc({ queue: this.queue });
    this.log.error('wakeup.failed', { queue: this.queue, key, error });
  }
}
