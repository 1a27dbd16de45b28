import type { AccountKind, Purpose } from './chart';

/** An account is (tenant, kind, owner, purpose, currency). `owner` is null for the tenant's own accounts. */
export interface AccountRef {
  readonly kind: AccountKind;
  readonly owner: string | null;
  readonly purpose: Purpose | null;
  readonly currency: string;
}

/** Subtracts `minor` from one account and adds it to the other, so that every entry is balanced. */
export interface Posting {
  readonly from: AccountRef;
  readonly to: AccountRef;
  /** Minor units, above 0. Both accounts have the same currency. */
  readonly minor: bigint;
}

export interface EntryDraft {
  /** Unique per tenant. Posting it again with the same content changes nothing; other content is an EntryConflict. */
  readonly reference: string;
  /** The kind of fact, in snake_case and past tense: `transfer_completed`. */
  readonly kind: string;
  readonly postings: readonly Posting[];
  /** Who caused it. Not part of the content: two processes may post the same fact, the second without effect. */
  readonly actor: string;
  /** When it happened at the provider; by default the time of posting. */
  readonly occurredAt?: Date;
}

const tenantOwned =
  (kind: AccountKind) =>
  (currency: string): AccountRef => ({ kind, owner: null, purpose: null, currency });
const owned =
  (kind: AccountKind) =>
  (owner: string, currency: string): AccountRef => ({ kind, owner, purpose: null, currency });
const ownedFor =
  (kind: AccountKind) =>
  (owner: string, purpose: Purpose, currency: string): AccountRef => ({ kind, owner, purpose, currency });

/** One builder per kind, so that an account with a wrong owner or purpose does not compile. */
export const accounts = {
  funding: tenantOwned('funding'),
  pot: owned('pot'),
  payable: ownedFor('payable'),
  reserved: ownedFor('reserved'),
  returned: owned('returned'),
  overpaid: owned('overpaid'),
  platformShare: tenantOwned('platform_share'),
  remainder: tenantOwned('remainder'),
  external: owned('external'),
};

/** A defect of the calling code. A client cannot cause it, so it has no error code. */
export class InvalidPosting extends Error {
  override readonly name = 'InvalidPosting';
}

/** The posting of an amount, none for zero. Throws InvalidPosting for a negative amount or two currencies. */
export function transferOf(from: AccountRef, to: AccountRef, minor: bigint): Posting[] {
  if (minor < 0n) throw new InvalidPosting(`a posting of ${minor}: turn the accounts round instead`);
  if (from.currency !== to.currency)
    throw new InvalidPosting(`a posting from ${from.currency} to ${to.currency}`);
  return minor === 0n ? [] : [{ from, to, minor }];
}

/** The same postings backwards, for a fact that takes another one back. */
export function backwards(postings: readonly Posting[]): Posting[] {
  return postings.map(({ from, to, minor }) => ({ from: to, to: from, minor }));
}

/** For people: `payable:<owner>:award:USD`. */
export function nameOf(account: AccountRef): string {
  return [account.kind, account.owner, account.purpose, account.currency].filter(Boolean).join(':');
}
