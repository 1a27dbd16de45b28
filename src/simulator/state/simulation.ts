import { FaultPlan } from '../faults/fault-plan';
import { Journal } from '../journal';
import { BoundedLog, emptyStats } from '../log';
import type { CallRecord } from '../log';
import type { SimulatorOptions } from '../options';
import { Deliveries } from '../webhooks/deliveries';
import { idSuffix } from '../wire/hash';
import { eventJson } from '../wire/render';
import { SimulatedClock } from './clock';
import type { EventObject, Transfer, WebhookEndpoint } from './objects';
import { Platform } from './platform';

export const KEY_STATES = ['active', 'revoked', 'expired', 'restricted'] as const;
export type KeyState = (typeof KEY_STATES)[number];

export interface SecretKey {
  readonly platform: Platform;
  state: KeyState;
}

export interface NewEvent {
  readonly type: string;
  readonly objectId: string;
  readonly objectJson: string;
  readonly account?: string;
  readonly requestId?: string;
  readonly idempotencyKey?: string | null;
}

export interface OnboardingLink {
  readonly platform: string;
  readonly account: string;
  readonly refreshUrl: string;
  readonly returnUrl: string;
  readonly expiresMs: number;
}

const RETRY_MS = [500, 2_000, 5_000, 15_000, 60_000, 300_000] as const;

/**
 * The state of the simulation. Routes and the control API change it; it alone writes the journal and queues
 * webhook deliveries.
 */
export class Simulation {
  readonly clock = new SimulatedClock();
  readonly stats = emptyStats();
  readonly calls: BoundedLog<CallRecord>;
  readonly faults = new FaultPlan();
  readonly deliveries: Deliveries;
  readonly journal: Journal | null;
  readonly platforms = new Map<string, Platform>();
  readonly keys = new Map<string, SecretKey>();
  /** Every transfer that happened, of all platforms, in order. */
  readonly effective: { readonly platform: Platform; readonly transfer: Transfer }[] = [];
  readonly links = new Map<string, OnboardingLink>();
  private readonly timers = new Set<NodeJS.Timeout>();
  readonly seed: string;
  delayMs: number;

  constructor(readonly options: SimulatorOptions) {
    this.seed = options.seed ?? '0';
    this.delayMs = options.delay_ms ?? 0;
    const recordsMax = options.log_max ?? Infinity;
    this.calls = new BoundedLog(recordsMax);
    this.deliveries = new Deliveries(
      {
        retryMs: options.webhook_retry_ms ?? RETRY_MS,
        timeoutMs: options.webhook_timeout_ms ?? 10_000,
        recordsMax,
        seed: this.seed,
        nowMs: () => this.clock.nowMs(),
        body: eventJson,
      },
      this.stats,
    );
    this.journal = options.data === undefined ? null : new Journal(options.data);
  }

  /** The same secret key has the same account id in every run. */
  register(
    secretKey: string,
    given: { accountId?: string; name?: string; state?: KeyState } = {},
  ): SecretKey {
    const id = given.accountId ?? this.keys.get(secretKey)?.platform.id ?? `acct_sim_${idSuffix(secretKey)}`;
    let platform = this.platforms.get(id);
    if (platform === undefined) {
      platform = new Platform(id, given.name ?? 'Simulated platform', this.clock.nowMs());
      this.platforms.set(id, platform);
      this.persist('platform', platform, { id, name: platform.name, createdMs: platform.createdMs });
    }
    const key: SecretKey = { platform, state: given.state ?? 'active' };
    this.keys.set(secretKey, key);
    this.persist('key', platform, { secretKey, state: key.state });
    return key;
  }

  persist(kind: string, platform: Platform | null, value: unknown): void {
    this.journal?.append(kind, platform?.id ?? null, value);
  }

  changeBalance(
    platform: Platform,
    currency: string,
    change: { available?: number; pending?: number },
  ): void {
    const balance = platform.balance(currency);
    balance.available += change.available ?? 0;
    balance.pending += change.pending ?? 0;
    if (this.journal !== null) this.persist('balance', platform, { currency, ...balance });
  }

  putTransfer(platform: Platform, transfer: Transfer): void {
    if (platform.putTransfer(transfer)) this.effective.push({ platform, transfer });
  }

  publish(platform: Platform, given: NewEvent): EventObject {
    const isTaken = (suffix: string): boolean => platform.events.get(`evt_sim_${suffix}`) !== undefined;
    const event: EventObject = {
      id: `evt_sim_${platform.suffix(`${given.type}|${given.objectId}`, isTaken)}`,
      createdMs: this.clock.nowMs(),
      position: 0,
      type: given.type,
      objectId: given.objectId,
      objectJson: given.objectJson,
      account: given.account,
      requestId: given.requestId ?? null,
      idempotencyKey: given.idempotencyKey ?? null,
    };
    platform.events.put(event);
    if (this.journal !== null) this.persist('event', platform, event);
    for (const endpoint of platform.endpoints.ordered) {
      if (listensTo(endpoint, event)) this.deliveries.enqueue(event, platform, endpoint);
    }
    return event;
  }

  /** For slow calls. What still waits when the simulation is cleared or closed never happens. */
  schedule(delayMs: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      work();
    }, delayMs);
    timer.unref();
    this.timers.add(timer);
  }

  /** Forgets everything, as if just started without data. */
  clear(): void {
    this.stopTimers();
    this.platforms.clear();
    this.keys.clear();
    this.links.clear();
    this.effective.length = 0;
    this.faults.stop();
    this.deliveries.clear();
    this.calls.clear();
    Object.assign(this.stats, emptyStats());
    this.delayMs = this.options.delay_ms ?? 0;
    this.persist('reset', null, null);
  }

  close(): void {
    this.stopTimers();
    this.deliveries.close();
    this.journal?.close();
  }

  private stopTimers(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }
}

function listensTo(endpoint: WebhookEndpoint, event: EventObject): boolean {
  const ofConnected = event.account !== undefined;
  if (endpoint.connect !== 'both' && endpoint.connect !== ofConnected) return false;
  return endpoint.events.includes('*') || endpoint.events.includes(event.type);
}
