import { Chronicle, count } from '../log';
import type { Stats } from '../log';
import { uniform } from '../wire/hash';
import type { EventObject, WebhookEndpoint } from '../state/objects';
import type { Platform } from '../state/platform';
import { WebhookSender } from './post';
import { signatureHeader } from './signature';
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

interface Parcel {
  readonly event: EventObject;
  readonly platform: Platform;
  readonly endpoint: WebhookEndpoint;
  readonly fault: DeliveryFault | null;
  readonly attempt: number;
}

/** Enough to be quick, few enough to keep events roughly in order, as Stripe does. */
const AT_ONCE_MAX = 8;
const OLD_SECONDS = 3600;

/**
 * Signs events and posts them to the endpoints registered for them, with retries and with the faults asked
 * for.
 */
export class Deliveries {
  readonly records: Chronicle<DeliveryRecord>;
  private readonly sender: WebhookSender;
  private ready: Parcel[] = [];
  private readonly delayed = new Map<Parcel, NodeJS.Timeout>();
  private running = 0;
  private isPaused = false;
  private isClosed = false;
  private mix: DeliveryFaultMix | null = null;
  private idle: (() => void)[] = [];

  constructor(
    private readonly options: DeliveryOptions,
    private readonly stats: Stats,
  ) {
    this.records = new Chronicle(options.recordsMax);
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
    const strikes = (fault: DeliveryFault): boolean => this.strikes(fault, event, endpoint);
    for (const fault of BAD_DELIVERIES) if (strikes(fault)) this.push({ ...base, fault });
    if (strikes('dropped')) return this.drop({ ...base, fault: 'dropped' });
    const copies = strikes('duplicated') ? (this.mix?.copies ?? 2) : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      if (strikes('delayed')) this.later({ ...base, fault: 'delayed' }, this.mix?.delay_ms ?? 1000);
      else if (strikes('reordered')) {
        this.later(
          { ...base, fault: 'reordered' },
          uniform(`${event.id}|${endpoint.id}|window`) * (this.mix?.window_ms ?? 200),
        );
      } else this.push({ ...base, fault: copies > 1 ? 'duplicated' : null });
    }
  }

  /**
   * Delivers all that waits now, one after the other in the order asked for, paused or not. Later retries are
   * not awaited.
   */
  async flush(
    order: 'created' | 'reversed' | 'shuffled' = 'created',
    seed = this.options.seed,
  ): Promise<number> {
    for (const timer of this.delayed.values()) clearTimeout(timer);
    const parcels = [...this.ready, ...this.delayed.keys()];
    this.ready = [];
    this.delayed.clear();
    if (order === 'reversed') parcels.reverse();
    if (order === 'shuffled') {
      const place = new Map(
        parcels.map((parcel, index) => [parcel, uniform(`${seed}|${parcel.event.id}|${index}`)]),
      );
      parcels.sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
    }
    for (const parcel of parcels) await this.deliver(parcel);
    if (this.running > 0) await new Promise<void>((resolve) => this.idle.push(resolve));
    return parcels.length;
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

  private strikes(fault: DeliveryFault, event: EventObject, endpoint: WebhookEndpoint): boolean {
    const rate = this.mix?.rates[fault] ?? 0;
    if (this.mix === null || rate === 0) return false;
    if (this.mix.types !== undefined && !this.mix.types.includes(event.type)) return false;
    return uniform(`${this.mix.seed ?? this.options.seed}|${event.id}|${endpoint.id}|${fault}`) < rate;
  }

  private push(parcel: Parcel): void {
    this.ready.push(parcel);
    if (!this.isPaused) setImmediate(() => this.pump());
  }

  private later(parcel: Parcel, delayMs: number): void {
    const timer = setTimeout(() => {
      this.delayed.delete(parcel);
      this.push(parcel);
    }, delayMs);
    timer.unref();
    this.delayed.set(parcel, timer);
  }

  private pump(): void {
    while (!this.isPaused && !this.isClosed && this.running < AT_ONCE_MAX) {
      const parcel = this.ready.shift();
      if (parcel === undefined) return;
      void this.deliver(parcel).then(() => this.pump());
    }
  }

  private async deliver(parcel: Parcel): Promise<void> {
    this.running += 1;
    const record = this.record(parcel);
    const { body, signature } = this.seal(parcel);
    const posted = await this.sender.post(parcel.endpoint.url, body, signature);
    record.status = posted.status;
    record.error = posted.error;
    this.running -= 1;
    const accepted = posted.status !== null && posted.status >= 200 && posted.status < 300;
    const isBad = parcel.fault !== null && BAD_DELIVERIES.has(parcel.fault);
    if (isBad && accepted) this.stats.bad_deliveries_accepted += 1;
    const waitMs = this.options.retryMs[parcel.attempt - 1];
    if (!isBad && !accepted && waitMs !== undefined && !this.isClosed)
      this.later({ ...parcel, attempt: parcel.attempt + 1 }, waitMs);
    if (this.running === 0) for (const wake of this.idle.splice(0)) wake();
  }

  private drop(parcel: Parcel): void {
    this.record(parcel).error = 'dropped';
  }

  private seal(parcel: Parcel): { body: string; signature: string } {
    const body = this.options.body(parcel.event);
    const seconds = Math.floor(Date.now() / 1000) - (parcel.fault === 'old_timestamp' ? OLD_SECONDS : 0);
    const secret = parcel.fault === 'forged' ? `${parcel.endpoint.secret}_forged` : parcel.endpoint.secret;
    const signature = signatureHeader(body, secret, seconds);
    return {
      body: parcel.fault === 'altered' ? body.replace('"livemode":false', '"livemode":true ') : body,
      signature,
    };
  }

  private record(parcel: Parcel): DeliveryRecord {
    this.stats.deliveries += 1;
    if (parcel.fault !== null) count(this.stats.deliveries_by_fault, parcel.fault);
    return this.records.add({
      seq: this.records.nextSeq(),
      at_ms: this.options.nowMs(),
      event_id: parcel.event.id,
      event_type: parcel.event.type,
      object_id: parcel.event.objectId,
      platform: parcel.platform.id,
      endpoint: parcel.endpoint.id,
      url: parcel.endpoint.url,
      attempt: parcel.attempt,
      fault: parcel.fault,
      status: null,
      error: null,
    });
  }
}
