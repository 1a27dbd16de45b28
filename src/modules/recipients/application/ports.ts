import type { TenantId } from '../../../kernel/ids';
import type { Tx } from '../../../kernel/tx';
import type { PageWindow } from '../../../kernel/page-window';
import type {
  Payable,
  Payee,
  RecipientRef,
  RecipientType,
  ResolvedRecipient,
  TransfersCapability,
} from '../contract';
import type { AccountOpening, OpenedAccount, OpeningOutcome } from '../domain/account-opening';
import type { CapabilityReading, ConnectedAccount } from '../domain/connected-account';
import type { RecipientSnapshot } from '../domain/recipient';

export abstract class RecipientRepository {
  /** False when the external id is taken. */
  abstract add(tx: Tx, recipient: RecipientSnapshot): Promise<boolean>;
  /** Locks the row until the transaction ends. */
  abstract lock(tx: Tx, id: string): Promise<RecipientSnapshot | null>;
  abstract save(tx: Tx, recipient: RecipientSnapshot): Promise<void>;
}

/** Combined with AND. */
export interface RecipientFilters {
  readonly externalId?: string;
  readonly name?: string;
  readonly bankCode?: string;
  readonly type?: RecipientType;
  readonly country?: string;
  readonly isActive?: boolean;
  /** In whole milliseconds, as times are shown: at it or later, and before it. */
  readonly createdGte?: Date;
  readonly createdLt?: Date;
}

/** A recipient for display: without account number, with its connected account. */
export interface ListedRecipient extends Omit<RecipientSnapshot, 'accountNumber'> {
  readonly connected: Pick<ConnectedAccount, 'stripeAccountId' | 'transfersCapability' | 'checkedAt'> | null;
}

/** Reads of recipients, one by one or in bulk. */
export abstract class RecipientReadStore {
  abstract byId(tx: Tx, id: string): Promise<ListedRecipient | null>;
  /** With `text`: those whose name or external id contains it, in any case. */
  abstract list(
    tx: Tx,
    filters: RecipientFilters,
    window: PageWindow,
    text?: string,
  ): Promise<ListedRecipient[]>;
  abstract resolve(tx: Tx, refs: readonly RecipientRef[]): Promise<(ResolvedRecipient | null)[]>;
  abstract payableOf(tx: Tx, ids: readonly string[]): Promise<Map<string, Payable>>;
  abstract payees(tx: Tx, ids: readonly string[]): Promise<Map<string, Payee>>;
}

export interface WatchedAccount {
  readonly tenantId: TenantId;
  readonly recipientId: string;
}

export abstract class ConnectedAccountStore {
  abstract byRecipients(tx: Tx, recipientIds: readonly string[]): Promise<ConnectedAccount[]>;
  abstract byStripeAccounts(
    tx: Tx,
    railAccountId: string,
    stripeAccountIds: readonly string[],
  ): Promise<ConnectedAccount[]>;
  /** Locks the rows, in the order of the recipients, until the transaction ends. */
  abstract lock(tx: Tx, recipientIds: readonly string[]): Promise<ConnectedAccount[]>;
  /** Throws ConnectedAccountTaken when another recipient has this Stripe account. */
  abstract put(tx: Tx, account: ConnectedAccount): Promise<void>;
  abstract saveReadings(tx: Tx, accounts: readonly ConnectedAccount[]): Promise<void>;
  abstract recordChange(
    tx: Tx,
    account: ConnectedAccount,
    previous: string | null,
    actor: string,
  ): Promise<void>;
  abstract watch(tx: Tx, recipientIds: readonly string[]): Promise<void>;
  /** In a system transaction: watched accounts not read since, oldest reading first, at most so many per tenant. */
  abstract unreadSince(
    tx: Tx,
    since: Date,
    tenant: TenantId | null,
    perTenantMax: number,
  ): Promise<WatchedAccount[]>;
}

/** Reads at the provider with the tenant's own key; never inside a transaction. */
export abstract class AccountReader {
  /** Null when the provider has no such account, or it is not connected to this tenant's account. */
  abstract read(
    tenant: TenantId,
    railAccountId: string,
    stripeAccountId: string,
  ): Promise<ProviderAccountState | null>;
}

/** An account as the provider returns it. */
export interface ProviderAccountState {
  readonly stripeAccountId: string;
  readonly transfersCapability: TransfersCapability;
  readonly detailsSubmitted: boolean;
  /** The provider's names of what is missing. */
  readonly requirements: {
    readonly currentlyDue: readonly string[];
    readonly pastDue: readonly string[];
    readonly eventuallyDue: readonly string[];
    readonly pendingVerification: readonly string[];
    readonly disabledReason: string | null;
    readonly currentDeadline: Date | null;
  };
}

export interface StoredOpening {
  /** The database's clock. */
  readonly now: Date;
  readonly opening: AccountOpening | null;
}

/** Read and written by a transaction that has locked the recipient. */
export abstract class AccountOpeningRepository {
  abstract latest(tx: Tx, recipientId: string): Promise<StoredOpening>;
  abstract byGeneration(tx: Tx, recipientId: string, generation: number): Promise<StoredOpening>;
  abstract put(tx: Tx, opening: AccountOpening): Promise<void>;
}

export interface OnboardingAddresses {
  /** Where Stripe sends the recipient when the link was used or has expired; the page starts a new onboarding. */
  readonly refreshUrl: string;
  readonly returnUrl: string;
}

export interface OnboardingLink {
  readonly url: string;
  readonly expiresAt: Date;
}

/**
 * Calls to the provider; none may be made inside a transaction. `create` and `lookUp` return every response
 * and failure as an outcome and do not throw.
 */
export abstract class OnboardingGateway {
  abstract readonly apiVersion: string;
  abstract create(tenant: TenantId, opening: AccountOpening): Promise<OpeningOutcome>;
  /** Returns the accounts that the opening may have created, oldest first. */
  abstract lookUp(tenant: TenantId, opening: AccountOpening): Promise<OpeningOutcome>;
  /** Throws AccountNotFound, OnboardingRefused, RailAccountRefused and ProviderUnreachable. */
  abstract link(
    tenant: TenantId,
    railAccountId: string,
    stripeAccountId: string,
    to: OnboardingAddresses,
  ): Promise<OnboardingLink>;
}

export type { CapabilityReading, ConnectedAccount, OpenedAccount, OpeningOutcome };
