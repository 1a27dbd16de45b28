import { BoundedLog, count } from '../log';
import type { Stats } from '../log';
import { uniform } from '../wire/hash';
import type { EventObject, WebhookEndpoint } from '../state/objects';
import type { Platform } from '../state/platform';
import { WebhookSender } from './post';
import { signed } from './signature';
import { BAD_DELIVERIES } from './types';
import type { DeliveryFault, DeliveryFaultMix, DeliveryRecord } from './types';

export interface DeliveryOptions {
  readonly retryMs: readonly number[];
  readonly timeoutMs: number;
  readonly recordsMax: number;
  readonly seed: string;
  nowMs(): number;
  body(event: EventObject): string;
}

interface PendingDelivery {
  readonly event: EventObject;
  readonly platform: Platform;
  readonly endpoint: WebhookEndpoint;
  readonly fault: DeliveryFault | null;
  readonly attempt: number;
}

/** Enough to be quick, few enough to keep events roughly in order, as Stripe does. */
const AT_ONCE_MAX = 8;

/**
 * Signs events and posts them to their endpoints, with retries and with the configured faults.
 */
export class Deliveries {
  readonly records: BoundedLog<DeliveryRecord>;
  private readonly sender: WebhookSender;
  private ready: PendingDelivery[] = [];
  private readonly delayed = new Map<PendingDelivery, NodeJS.Timeout>();
  private running = 0;
  private isPaused = false;
  private isClosed = false;
  private mix: DeliveryFaultMix | null = null;
  private idle: (() => void)[] = [];

  constructor(
    private readonly options: DeliveryOptions,
    private readonly stats: Stats,
  ) {
    this.records = new BoundedLog(options.recordsMax);
    this.sender = new WebhookSender(options.timeoutMs);
  }

  get waiting(): number {
    return this.ready.length + this.delayed.size + this.running;
  }

  setFaults(mix: DeliveryFaultMix | null): void {
    this.mix = mix;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.pump();
  }

  enqueue(event: EventObject, platform: Platform, endpoint: WebhookEndpoint): void {
    const base = { event, platform, endpoint, attempt: 1 };
    const hits = (fault: DeliveryFault): boolean => this.hits(fault, event, endpoint);
    for (const fault of BAD_DELIVERIES) if (hits(fault)) this.push({ ...base, fault });
    if (hits('dropped')) return this.drop({ ...base, fault: 'dropped' });
    const copies = hits('duplicated') ? (this.mix?.copies ?? 2) : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      if (hits('delayed')) this.later({ ...base, fault: 'delayed' }, this.mix?.delay_ms ?? 1000);
      else if (hits('reordered')) {
        this.later(
          { ...base, fault: 'reordered' },
          uniform(`${event.id}|${endpoint.id}|window`) * (this.mix?.window_ms ?? 200),
        );
      } else this.push({ ...base, fault: copies > 1 ? 'duplicated' : null });
    }
  }

  /**
   * Delivers all that waits now, one by one in the given order, also while paused. Does not wait for retries.
   */
  async flush(
    order: 'created' | 'reversed' | 'shuffled' = 'created',
    seed = this.options.seed,
  ): Promise<number> {
    for (const timer of this.delayed.values()) clearTimeout(timer);
    const deliveries = [...this.ready, ...this.delayed.keys()];
    this.ready = [];
    this.delayed.clear();
    if (order === 'reversed') deliveries.reverse();
    if (order === 'shuffled') {
      const place = new Map(
        deliveries.map((delivery, index) => [delivery, uniform(`${seed}|${delivery.event.id}|${index}`)]),
      );
      deliveries.sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
    }
    for (const delivery of deliveries) await this.deliver(delivery);
    if (this.running > 0) await new Promise<void>((resolve) => this.idle.push(resolve));
    return deliveries.length;
  }

  clear(): void {
    for (const timer of this.delayed.values()) clearTimeout(timer);
    this.delayed.clear();
    this.ready = [];
    this.records.clear();
    this.mix = null;
    this.isPaused = false;
  }

  close(): void {
    this.isClosed = true;
    this.clear();
    this.sender.close();
  }

  private hits(fault: DeliveryFault, event: EventObject, endpoint: WebhookEndpoint): boolean {
    const rate = this.mix?.rates[fault] ?? 0;
    if (this.mix === null || rate === 0) return false;
    if (this.mix.types !== undefined && !this.mix.types.includes(event.type)) return false;
    return uniform(`${this.mix.seed ?? this.options.seed}|${event.id}|${endpoint.id}|${fault}`) < rate;
  }

  private push(delivery: PendingDelivery): void {
    this.ready.push(delivery);
    if (!this.isPaused) setImmediate(() => this.pump());
  }

  private later(delivery: PendingDelivery, delayMs: number): void {
    const timer = setTimeout(() => {
      this.delayed.delete(delivery);
      this.push(delivery);
    }, delayMs);
    timer.unref();
    this.delayed.set(delivery, timer);
  }

  private pump(): void {
    while (!this.isPaused && !this.isClosed && this.running < AT_ONCE_MAX) {
      const delivery = this.ready.shift();
      if (delivery === undefined) return;
      void this.deliver(delivery).then(() => this.pump());
    }
  }

  private async deliver(delivery: PendingDelivery): Promise<void> {
    this.running += 1;
    const record = this.record(delivery);
    const { body, signature } = signed(delivery, this.options.body(delivery.event));
    const posted = await this.sender.post(delivery.endpoint.url, body, signature);
    record.status = posted.status;
    record.error = posted.error;
    this.running -= 1;
    const accepted = posted.status !== null && posted.status >= 200 && posted.status < 300;
    const isBad = delivery.fault !== null && BAD_DELIVERIES.has(delivery.fault);
    if (isBad && accepted) this.stats.bad_deliveries_accepted += 1;
    const waitMs = this.options.retryMs[delivery.attempt - 1];
    if (!isBad && !accepted && waitMs !== undefined && !this.isClosed)
      this.later({ ...delivery, attempt: delivery.attempt + 1 }, waitMs);
    if (this.running === 0) for (const wake of this.idle.splice(0)) wake();
  }

  private drop(delivery: PendingDelivery): void {
    this.record(delivery).error = 'dropped';
  }

  private record(delivery: PendingDelivery): DeliveryRecord {
    this.stats.deliveries += 1;
    if (delivery.fault !== null) count(this.stats.deliveries_by_fault, delivery.fault);
    return this.records.add({
      seq: this.records.nextSeq(),
      at_ms: this.options.nowMs(),
      event_id: delivery.event.id,
      event_type: delivery.event.type,
      object_id: delivery.event.objectId,
      platform: delivery.platform.id,
      endpoint: delivery.endpoint.id,
      url: delivery.endpoint.url,
      attempt: delivery.attempt,
      fault: delivery.fault,
      status: null,
      error: null,
    });
  }
}
