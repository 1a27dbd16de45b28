import type {
  AccountChange,
  AccountsGiven,
  BalanceGiven,
  CallRecord,
  DeliveryFaultMix,
  DeliveryRecord,
  EffectiveTransfer,
  EndpointGiven,
  EndpointMade,
  EventGiven,
  FaultDirective,
  FaultMix,
  FaultsShown,
  FlushOrder,
  Health,
  KeyState,
  PageRequest,
  PlatformGiven,
  PlatformMade,
  PlatformShown,
  RateLimits,
  RecordPage,
  Stats,
} from './types';

/** Every control call, typed. A simulator in this process and one in another process return the same. */
export abstract class SimulatorControl {
  abstract readonly url: string;

  protected abstract call(method: 'GET' | 'POST', target: string, body?: unknown): Promise<unknown>;

  /** What to give to `new Stripe(key, …)`. */
  get stripeConfig(): { readonly host: string; readonly port: number; readonly protocol: 'http' } {
    const { hostname, port } = new URL(this.url);
    return { host: hostname, port: Number(port), protocol: 'http' };
  }

  health(): Promise<Health> {
    return this.get('health');
  }

  /** Forgets everything, platforms and the record included. The clock stays where it is. */
  reset(): Promise<void> {
    return this.post('reset');
  }

  registerPlatform(given: PlatformGiven): Promise<PlatformMade> {
    return this.post('platforms', given);
  }

  platforms(): Promise<readonly PlatformShown[]> {
    return this.get('platforms');
  }

  setBalance(platform: string, currency: string, balance: BalanceGiven): Promise<void> {
    return this.post(`platforms/${encodeURIComponent(platform)}/balance`, { currency, balance });
  }

  setLimits(platform: string, limits: RateLimits): Promise<void> {
    return this.post(`platforms/${encodeURIComponent(platform)}/limits`, limits);
  }

  addWebhook(platform: string, endpoint: EndpointGiven): Promise<EndpointMade> {
    return this.post(`platforms/${encodeURIComponent(platform)}/webhooks`, endpoint);
  }

  setKeyState(secretKey: string, state: KeyState): Promise<void> {
    return this.post('keys', { secret_key: secretKey, state });
  }

  /** The ids of the accounts made. */
  async createAccounts(given: AccountsGiven): Promise<readonly string[]> {
    return (await this.post<{ accounts: readonly string[] }>('accounts', given)).accounts;
  }

  changeAccount(account: string, change: AccountChange): Promise<void> {
    return this.post(`accounts/${encodeURIComponent(account)}`, change);
  }

  advanceClock(ms: number): Promise<void> {
    return this.post('clock/advance', { ms });
  }

  /** Sends an event of any type, for example payout.paid of a connected account.Returns the event. */
  emitEvent(given: EventGiven): Promise<Readonly<Record<string, unknown>>> {
    return this.post('events', given);
  }

  /** Replaces the mix that ran. */
  setFaults(mix: FaultMix): Promise<void> {
    return this.post('faults', mix);
  }

  /** Adds to the script; its directives come before the mix. */
  scriptFaults(...directives: FaultDirective[]): Promise<void> {
    return this.post('faults/script', { directives });
  }

  stopFaults(): Promise<void> {
    return this.post('faults/stop');
  }

  faults(): Promise<FaultsShown> {
    return this.get('faults');
  }

  setLatency(delayMs: number): Promise<void> {
    return this.post('latency', { delay_ms: delayMs });
  }

  pauseWebhooks(): Promise<void> {
    return this.post('webhooks/pause');
  }

  resumeWebhooks(): Promise<void> {
    return this.post('webhooks/resume');
  }

  /**
   * Delivers what waits now, one by one in this order, also while paused. Returns the number of deliveries.
   */
  async flushWebhooks(order: FlushOrder = 'created', seed?: string): Promise<number> {
    return (await this.post<{ delivered: number }>('webhooks/flush', { order, seed })).delivered;
  }

  /** Faults of webhook deliveries; null ends them. */
  setWebhookFaults(mix: DeliveryFaultMix | null): Promise<void> {
    return this.post('webhooks/faults', { mix });
  }

  log(page: PageRequest = {}): Promise<RecordPage<CallRecord>> {
    return this.get('log', page);
  }

  effects(page: PageRequest = {}): Promise<RecordPage<EffectiveTransfer>> {
    return this.get('effects', page);
  }

  deliveries(page: PageRequest = {}): Promise<RecordPage<DeliveryRecord>> {
    return this.get('deliveries', page);
  }

  stats(): Promise<Stats> {
    return this.get('stats');
  }

  allCalls(): Promise<CallRecord[]> {
    return everyPage((page) => this.log(page));
  }

  allEffects(): Promise<EffectiveTransfer[]> {
    return everyPage((page) => this.effects(page));
  }

  allDeliveries(): Promise<DeliveryRecord[]> {
    return everyPage((page) => this.deliveries(page));
  }

  private get<T>(path: string, page: PageRequest = {}): Promise<T> {
    const query = new URLSearchParams();
    if (page.since !== undefined) query.set('since', String(page.since));
    if (page.limit !== undefined) query.set('limit', String(page.limit));
    return this.call('GET', `/_sim/${path}?${query.toString()}`) as Promise<T>;
  }

  private post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.call('POST', `/_sim/${path}`, body) as Promise<T>;
  }
}

const PAGE = 10_000;

async function everyPage<T>(read: (page: PageRequest) => Promise<RecordPage<T>>): Promise<T[]> {
  const all: T[] = [];
  for (let since: number | null = 0; since !== null;) {
    const { rows, next }: RecordPage<T> = await read({ since, limit: PAGE });
    all.push(...rows);
    since = next;
  }
  return all;
}
