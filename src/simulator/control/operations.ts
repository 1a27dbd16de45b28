import { newAccount, changeAccount } from '../routes/accounts';
import { addEndpoint, emitFundsAvailable } from '../routes/events';
import { CAPABILITY_STATES, REFUSALS } from '../state/objects';
import type { Account } from '../state/objects';
import type { Platform } from '../state/platform';
import { KEY_STATES } from '../state/simulation';
import type { KeyState, Simulation } from '../state/simulation';
import { LIVE_KEY } from '../authentication';
import { eventJson } from '../wire/render';
import type {
  AccountChange,
  AccountsGiven,
  BalanceGiven,
  EndpointGiven,
  EndpointMade,
  EventGiven,
  Health,
  PlatformGiven,
  PlatformMade,
  PlatformShown,
  RateLimits,
} from './types';

/** An invalid control call; its response is 400 with this message. */
export class ControlError extends Error {}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], name: string): T {
  if (typeof value === 'string' && (allowed as readonly string[]).includes(value)) return value as T;
  throw new ControlError(`${name} must be one of ${allowed.join(', ')}`);
}

function checkMinorUnits(value: number, name: string): number {
  if (!Number.isSafeInteger(value)) throw new ControlError(`${name} must be a whole number of minor units`);
  return value;
}

/** The operations of the control API that change the simulation. */
export class Operations {
  constructor(readonly simulation: Simulation) {}

  health(): Health {
    const { simulation } = this;
    return {
      simulator: true,
      seed: simulation.seed,
      now_ms: simulation.clock.nowMs(),
      clock_moved_by_ms: simulation.clock.movedByMs,
      platforms: simulation.platforms.size,
      deliveries_waiting: simulation.deliveries.waiting,
    };
  }

  platformOf(reference: unknown): Platform {
    if (typeof reference !== 'string')
      throw new ControlError('platform is missing: give its account id or secret key');
    const platform =
      this.simulation.platforms.get(reference) ?? this.simulation.keys.get(reference)?.platform;
    if (platform === undefined) throw new ControlError('no such platform');
    return platform;
  }

  registerPlatform(given: PlatformGiven): PlatformMade {
    const key = given.secret_key;
    if (typeof key !== 'string' || key === '') throw new ControlError('secret_key is missing');
    if (LIVE_KEY.test(key)) throw new ControlError('the simulator refuses live keys');
    if (!/^[sr]k_test_/.test(key)) throw new ControlError('secret_key must begin with sk_test_ or rk_test_');
    const existing =
      this.simulation.keys.get(key)?.platform ?? this.simulation.platforms.get(given.account_id ?? '');
    const { platform } = this.simulation.register(key, { accountId: given.account_id, name: given.name });
    const balances = existing === undefined ? Object.entries(given.balances ?? {}) : [];
    for (const [currency, balance] of balances) this.setBalance(platform.id, currency, balance);
    if (given.limits !== undefined) platform.limits = given.limits;
    const endpoints = (given.webhooks ?? []).map((endpoint) => this.addEndpoint(platform.id, endpoint));
    return { account_id: platform.id, secret_key: key, webhook_endpoints: endpoints };
  }

  listPlatforms(): PlatformShown[] {
    return [...this.simulation.platforms.values()].map((platform) => ({
      account_id: platform.id,
      name: platform.name,
      balances: Object.fromEntries(platform.balances),
      accounts: platform.accounts.size,
      transfers: platform.transfers.size,
    }));
  }

  setKeyState(secretKey: string, state: KeyState): void {
    const key = this.simulation.keys.get(secretKey);
    if (key === undefined) throw new ControlError('no such key');
    key.state = oneOf(state, KEY_STATES, 'state');
    this.simulation.persist('key', key.platform, { secretKey, state: key.state });
  }

  setBalance(reference: string, currency: string, given: BalanceGiven): void {
    const platform = this.platformOf(reference);
    const wanted = typeof given === 'number' ? { available: given } : given;
    const balance = platform.balance(currency.toLowerCase());
    const available = checkMinorUnits(wanted.available ?? balance.available, 'available') - balance.available;
    const pending = checkMinorUnits(wanted.pending ?? balance.pending, 'pending') - balance.pending;
    this.simulation.changeBalance(platform, currency.toLowerCase(), { available, pending });
    if (available > 0) emitFundsAvailable(this.simulation, platform);
  }

  setLimits(reference: string, limits: RateLimits): void {
    this.platformOf(reference).limits = limits;
  }

  addEndpoint(reference: string, given: EndpointGiven): EndpointMade {
    if (typeof given.url !== 'string' || !URL.canParse(given.url))
      throw new ControlError('url must be a valid address');
    const platform = this.platformOf(reference);
    const existing = platform.endpoints.ordered.find((endpoint) => endpoint.url === given.url);
    if (existing !== undefined && (given.secret ?? existing.secret) === existing.secret)
      return { id: existing.id, url: existing.url, secret: existing.secret };
    const { id, url, secret } = addEndpoint(this.simulation, platform, {
      ...given,
      events: given.events ?? ['*'],
      connect: given.connect ?? 'both',
    });
    return { id, url, secret };
  }

  /** Sends no events: these accounts exist before the test begins. */
  createAccounts(given: AccountsGiven): string[] {
    const platform = this.platformOf(given.platform);
    const capability = given.capability === undefined ? 'active' : given.capability;
    if (capability !== null) oneOf(capability, CAPABILITY_STATES, 'capability');
    const isTaken = (suffix: string): boolean => platform.accounts.get(`acct_sim_${suffix}`) !== undefined;
    const nextId = (): string => `acct_sim_${platform.suffix(null, isTaken)}`;
    const make = (id: string): string => {
      const account = newAccount(id, this.simulation.clock.nowMs(), {
        transfers: capability ?? undefined,
        ...(given.country === undefined ? {} : { country: given.country }),
        email: given.email ?? null,
      });
      platform.accounts.put(account);
      this.simulation.persist('account', platform, account);
      return id;
    };
    if (given.ids !== undefined) return given.ids.map(make);
    return Array.from({ length: given.count ?? 1 }, () => make(nextId()));
  }

  changeAccount(id: string, change: AccountChange): void {
    const [platform, account] = this.accountOf(id);
    if (change.capability !== undefined && change.capability !== null)
      oneOf(change.capability, CAPABILITY_STATES, 'capability');
    if (change.refuse_with !== undefined && change.refuse_with !== null)
      oneOf(change.refuse_with, REFUSALS, 'refuse_with');
    const transfers = change.capability === undefined ? account.transfers : (change.capability ?? undefined);
    const isActive = transfers === 'active';
    const changed: Account = {
      ...account,
      transfers,
      refuseWith: change.refuse_with === undefined ? account.refuseWith : (change.refuse_with ?? undefined),
      chargesEnabled: change.charges_enabled ?? account.chargesEnabled,
      payoutsEnabled: change.payouts_enabled ?? (isActive || account.payoutsEnabled),
      detailsSubmitted: account.detailsSubmitted || isActive,
    };
    changeAccount(this.simulation, platform, changed);
  }

  emitEvent(given: EventGiven): unknown {
    const platform = this.platformOf(given.platform);
    if (typeof given.type !== 'string' || typeof given.object !== 'object')
      throw new ControlError('type and object are needed');
    const id = given.object['id'];
    const event = this.simulation.publish(platform, {
      type: given.type,
      objectId: typeof id === 'string' ? id : given.type,
      objectJson: JSON.stringify(given.object),
      account: given.account,
    });
    return JSON.parse(eventJson(event));
  }

  advanceClock(ms: number): void {
    if (!Number.isFinite(ms) || ms < 0)
      throw new ControlError('ms must be a number from 0: the simulated clock only moves forward');
    this.simulation.clock.advance(ms);
    this.simulation.persist('clock', null, { ms });
  }

  private accountOf(id: string): [Platform, Account] {
    for (const platform of this.simulation.platforms.values()) {
      const account = platform.accounts.get(id);
      if (account !== undefined) return [platform, account];
    }
    throw new ControlError('no such account');
  }
}
