import type { TenantId } from '../../../kernel/ids';
import type { Tx } from '../../../kernel/tx';
import type { PageWindow } from '../../../kernel/page-window';
import type { Rail, RailMode } from '../contract';
import type {
  EndpointFamily,
  ProviderEvent,
  ReceivingEndpoint,
  UnmatchedReason,
} from '../domain/provider-event';
import type { RailAccountSnapshot } from '../domain/rail-account';

export interface RailAccountChange {
  readonly kind: 'connected' | 'key_replaced' | 'paused' | 'resumed';
  readonly reason: string;
  readonly actor: string;
}

/** Names under which the responses of the two lists are cached. */
export const RAIL_ACCOUNT_LIST = 'rail_accounts';
export const WEBHOOK_ENDPOINT_LIST = 'webhook_endpoints';

/** Rail accounts of the transaction's tenant. Only `add` can conflict with one of another tenant. */
export abstract class RailAccountStore {
  abstract byRail(tx: Tx, rail: Rail): Promise<RailAccountSnapshot | null>;
  abstract byId(tx: Tx, id: string): Promise<RailAccountSnapshot | null>;
  /** Locks the row until the transaction ends. */
  abstract lock(tx: Tx, id: string): Promise<RailAccountSnapshot | null>;
  /** All accounts of the tenant, at most one per rail. */
  abstract all(tx: Tx): Promise<RailAccountSnapshot[]>;
  abstract list(tx: Tx, window: PageWindow): Promise<RailAccountSnapshot[]>;
  /** Returns false if the tenant has one for this rail, or if the provider account is already connected. */
  abstract add(tx: Tx, account: RailAccountSnapshot, secretKey: string | null): Promise<boolean>;
  /** Returns false if this key is already stored. */
  abstract replaceSecretKey(tx: Tx, id: string, secretKey: string): Promise<boolean>;
  abstract saveStatus(tx: Tx, account: RailAccountSnapshot): Promise<void>;
  abstract recordChange(tx: Tx, railAccountId: string, change: RailAccountChange): Promise<void>;
  /** Runs as the system and reads routing columns only. The Stripe accounts of all tenants, or of one. */
  abstract routes(tx: Tx, tenant: TenantId | null): Promise<RailAccountRoute[]>;
}

export interface RailAccountRoute {
  readonly tenantId: TenantId;
  readonly id: string;
  readonly status: 'active' | 'paused';
}

export abstract class RailSecretStore {
  /** @throws RailAccountUnknown for an unknown account or one of another tenant */
  abstract secretKeyOf(tx: Tx, railAccountId: string): Promise<string>;
}

export interface WebhookEndpoint {
  readonly id: string;
  readonly railAccountId: string;
  readonly family: EndpointFamily;
  /** The current secret first; a second one while the provider may still sign with the previous one. */
  readonly secrets: readonly string[];
  readonly createdAt: Date;
}

export type ReceivingWebhookEndpoint = WebhookEndpoint & ReceivingEndpoint;

export abstract class WebhookEndpointStore {
  /** Runs without a tenant: a webhook has only the id of the endpoint. */
  abstract tenantOf(endpointId: string): Promise<TenantId | null>;
  /** The endpoint with the values that its events are compared with. */
  abstract receiving(tx: Tx, id: string): Promise<ReceivingWebhookEndpoint | null>;
  abstract list(tx: Tx, window: PageWindow): Promise<WebhookEndpoint[]>;
  abstract add(tx: Tx, endpoint: WebhookEndpoint): Promise<void>;
  /** Makes the new secret the current one. The previous one stays valid; an older one is deleted. */
  abstract rotate(tx: Tx, id: string, secret: string): Promise<boolean>;
  abstract dropPrevious(tx: Tx, id: string): Promise<boolean>;
}

export abstract class ProviderEventStore {
  /** Returns false for a repeated event. Waits for a concurrent transaction with the same event. */
  abstract add(
    tx: Tx,
    endpointId: string,
    event: ProviderEvent,
    unmatched: UnmatchedReason | null,
  ): Promise<boolean>;
}

export abstract class EventSignatures {
  /** Returns the event if one of the secrets signed these bytes within the tolerance, otherwise null. */
  abstract verified(
    raw: Buffer,
    header: string | undefined,
    secrets: readonly string[],
  ): ProviderEvent | null;
}

/** Money that was added or withdrawn, as read at the provider or recorded by an operator. */
export interface FundingFact {
  readonly railAccountId: string;
  readonly source: 'provider' | 'operator';
  /** The provider's id, or the reference of the operator; unique per rail account. */
  readonly reference: string;
  readonly direction: 'in' | 'out';
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly reason: string;
  readonly actor: string;
}

export interface BalanceReading {
  readonly currency: string;
  readonly availableMinor: bigint;
  readonly asOf: Date;
}

export abstract class FundingFactStore {
  /** Returns the new ones with their ids. */
  abstract add(tx: Tx, facts: readonly FundingFact[]): Promise<(FundingFact & { id: string })[]>;
  abstract balancesOf(tx: Tx, railAccountId: string): Promise<BalanceReading[]>;
  abstract storeBalances(tx: Tx, railAccountId: string, readings: readonly BalanceReading[]): Promise<void>;
}

export interface ProviderAccount {
  readonly id: string;
  readonly mode: RailMode;
}

export interface ProviderTopUp {
  readonly id: string;
  readonly amountMinor: bigint;
  readonly currency: string;
}

/** Reads at the provider. Call it outside of any transaction. */
export abstract class ProviderAccountReader {
  /**
   * The account of a key.
   *
   * @throws ProviderKeyRefused, ProviderUnreachable
   */
  abstract accountOf(secretKey: string): Promise<ProviderAccount>;
  abstract balances(tenant: TenantId, railAccountId: string): Promise<BalanceReading[]>;
  /** Null if it has not succeeded or does not exist. */
  abstract topUp(tenant: TenantId, railAccountId: string, id: string): Promise<ProviderTopUp | null>;
  /** The top-ups that succeeded and were created after `since`, newest first, at most 1,000. */
  abstract topUps(tenant: TenantId, railAccountId: string, since: Date): Promise<ProviderTopUp[]>;
  /** Removes the key of the account from the cache. */
  abstract keyReplaced(tenant: TenantId, railAccountId: string): void;
}
