import { domainError } from '../../../kernel/errors';
import { nameOf, type AccountRef } from './posting';

/** A reference identifies one fact. Two contents under one reference mean that one of them is wrong. */
export class EntryConflict extends domainError('entry_conflict', 'conflict') {
  constructor(readonly reference: string) {
    super(`The ledger has an entry ${reference} with other content.`, { reference });
  }
}

/** An entry would make the balance of an account with a floor negative. Nothing was posted. */
export class InsufficientBalance extends domainError('insufficient_balance', 'conflict') {
  constructor(
    readonly account: AccountRef,
    readonly shortMinor: bigint,
  ) {
    super(`The balance of ${nameOf(account)} is too low.`, {
      account_kind: account.kind,
      owner: account.owner,
      purpose: account.purpose,
      currency: account.currency,
    });
  }
}
