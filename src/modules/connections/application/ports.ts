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

/**
 * Rail accounts of the transaction's tenant; only `add` can meet another tenant's, and then says no more than
 * "no".
 */
export abstract class RailAccounts {
  abstract byRail(tx: Tx, rail: Rail): Promise<RailAccountSnapshot | null>;
  abstract byId(tx: Tx, id: string): Promise<RailAccountSnapshot | null>;
  /** Locks the row until the transaction ends. */
  abstract lock(tx: Tx, id: string): Promise<RailAccountSnapshot | null>;
  /** At most one of each rail. */
  abstract all(tx: Tx): Promise<RailAccountSnapshot[]>;
  abstract list(tx: Tx, window: PageWindow): Promise<RailAccountSnapshot[]>;
  /** False when the tenant has one for this rail, or the provider account is connected already. */
  abstract add(tx: Tx, account: RailAccountSnapshot, secretKey: string | null): Promise<boolean>;
  /** False when it is the key that is kept already. */
  abstract replaceSecretKey(tx: Tx, id: string, secretKey: string): Promise<boolean>;
  abstract saveStatus(tx: Tx, account: RailAccountSnapshot): Promise<void>;
  abstract recordChange(tx: Tx, railAccountId: string, change: RailAccountChange): Promise<void>;
  /**
   * Stripe accounts of every tenant, or of one, for the poll: routing columns only, in the system's
   * transaction.
   */
  abstract routes(tx: Tx, tenant: TenantId | null): Promise<RailAccountRoute[]>;
}

export interface RailAccountRoute {
  readonly tenantId: TenantId;
  readonly id: string;
  readonly status: 'active' | 'paused';
}

export abstract class RailSecrets {
  /** Throws RailAccountUnknown for an account that is not the tenant's. */
  abstract secretKeyOf(tx: Tx, railAccountId: string): Promise<string>;
}

export interface WebhookEndpoint {
  readonly id: string;
  readonly railAccountId: string;
  readonly family: EndpointFamily;
  /** The current one first; two while the provider may still sign with the old one. */
  readonly secrets: readonly string[];
  readonly createdAt: Date;
}

export type ReceivingWebhookEndpoint = WebhookEndpoint & ReceivingEndpoint;

export abstract class WebhookEndpoints {
  /** Outside any tenant: the endpoint's id is all that a provider's call brings. */
  abstract tenantOf(endpointId: string): Promise<TenantId | null>;
  /** With what its events are compared with. */
  abstract receiving(tx: Tx, id: string): Promise<ReceivingWebhookEndpoint | null>;
  abstract list(tx: Tx, window: PageWindow): Promise<WebhookEndpoint[]>;
  abstract add(tx: Tx, endpoint: WebhookEndpoint): Promise<void>;
  /** The new secret becomes the current one, the one before it stays valid, an older one is dropped. */
  abstract rotate(tx: Tx, id: string, secret: string): Promise<boolean>;
  abstract dropPrevious(tx: Tx, id: string): Promise<boolean>;
}

export abstract class ProviderEvents {
  /**
   * False for an event this endpoint has delivered before; one that arrives at the same moment is waited for.
   */
  abstract add(
    tx: Tx,
    endpointId: string,
    event: ProviderEvent,
    unmatched: UnmatchedReason | null,
  ): Promise<boolean>;
}

export abstract class EventSignatures {
  /** The event, if one of the secrets signed exactly these bytes within the tolerance; else null. */
  abstract verified(
    raw: Buffer,
    header: string | undefined,
    secrets: readonly string[],
  ): ProviderEvent | null;
}

/** Money that came or went, as seen at the provider or by an operator with evidence. */
export interface FundingFact {
  readonly railAccountId: string;
  readonly source: 'provider' | 'operator';
  /** The provider's id, or the operator's evidence; unique per rail account. */
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

export abstract class FundingFacts {
  /** Answers those that were new, with their ids. */
  abstract add(tx: Tx, facts: readonly FundingFact[]): Promise<(FundingFact & { id: string })[]>;
  abstract balancesOf(tx: Tx, railAccountId: string): Promise<BalanceReading[]>;
  abstract keepBalances(tx: Tx, railAccountId: string, readings: readonly BalanceReading[]): Promise<void>;
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

/** Reads at the provider; never inside a transaction. */
export abstract class ProviderAccountReader {
  /** Whose key this is. Throws ProviderKeyRefused or ProviderUnreachable. */
  abstract accountOf(secretKey: string): Promise<ProviderAccount>;
  abstract balances(tenant: TenantId, railAccountId: string): Promise<BalanceReading[]>;
  /** Null while it has not succeeded, or is not known. */
  abstract topUp(tenant: TenantId, railAccountId: string, id: string): Promise<ProviderTopUp | null>;
  /** Those that succeeded and were made after `since`, newest first, at most 1,000. */
  abstract topUps(tenant: TenantId, railAccountId: string, since: Date): Promise<ProviderTopUp[]>;
  /** Drops what is remembered of the account's key. */
  abstract keyReplaced(tenant: TenantId, railAccountId: string): void;
}
