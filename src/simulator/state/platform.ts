import { idSuffix } from '../wire/hash';
import { Collection, Index } from './collection';
import { IdempotencyStore } from './idempotency';
import type { Account, Balance, EventObject, PlainObject, Transfer, WebhookEndpoint } from './objects';

export interface RateLimits {
  /** Calls per second and endpoint; absent means no limit. */
  readonly per_endpoint_per_second?: number;
  /** Calls per second in total. */
  readonly per_second?: number;
}

export const PLAIN_KINDS = ['topups', 'payouts', 'customers', 'payment_intents'] as const;
export type PlainKind = (typeof PLAIN_KINDS)[number];

/** One platform account of the simulated Stripe: nothing here is reachable from another one. */
export class Platform {
  readonly accounts = new Collection<Account>();
  readonly transfers = new Collection<Transfer>();
  readonly transfersByGroup = new Index<Transfer>();
  readonly transfersByDestination = new Index<Transfer>();
  readonly events = new Collection<EventObject>();
  readonly endpoints = new Collection<WebhookEndpoint>();
  readonly plain: Readonly<Record<PlainKind, Collection<PlainObject>>> = {
    topups: new Collection(),
    payouts: new Collection(),
    customers: new Collection(),
    payment_intents: new Collection(),
  };
  readonly balances = new Map<string, Balance>();
  readonly idempotency = new IdempotencyStore();
  limits: RateLimits = {};
  private made = 0;

  constructor(
    readonly id: string,
    readonly name: string,
    readonly createdMs: number,
  ) {}

  balance(currency: string): Balance {
    let balance = this.balances.get(currency);
    if (balance === undefined) {
      balance = { available: 0, pending: 0 };
      this.balances.set(currency, balance);
    }
    return balance;
  }

  /** True when the transfer is new. */
  putTransfer(transfer: Transfer): boolean {
    const existing = this.transfers.get(transfer.id);
    if (existing !== undefined) {
      // The indexes hold the object itself, so it is changed in place.
      Object.assign(existing, transfer, { position: existing.position });
      return false;
    }
    this.transfers.put(transfer);
    if (transfer.transferGroup !== null) this.transfersByGroup.add(transfer.transferGroup, transfer);
    this.transfersByDestination.add(transfer.destination, transfer);
    return true;
  }

  /**
   * The changing part of an id. Made from `key` where there is one, so that a run with the same keys has the
   * same ids whatever the order of its calls. `isTaken` keeps two effects of one key apart once Stripe has
   * forgotten the key.
   */
  suffix(key: string | null, isTaken: (suffix: string) => boolean): string {
    for (let tries = 1; ; tries += 1) {
      if (key === null) this.made += 1;
      const suffix = idSuffix(`${this.id}|${key ?? this.made}|${tries}`);
      if (!isTaken(suffix)) return suffix;
    }
  }
}
