import { domainError } from '../../../kernel/errors';
import { nameOf, type AccountRef } from './posting';

/** A reference stands for one fact: told twice with two contents, one of the tellers is wrong. */
export class EntryConflict extends domainError('entry_conflict', 'conflict') {
  constructor(readonly reference: string) {
    super(`The ledger has an entry ${reference} with other content.`, { reference });
  }
}

/** An entry would take an account with a floor below zero; nothing of it was posted. */
export class InsufficientBalance extends domainError('insufficient_balance', 'conflict') {
  constructor(
    readonly account: AccountRef,
    readonly shortMinor: bigint,
  ) {
    super(`The balance of ${nameOf(account)} does not suffice.`, {
      account_kind: account.kind,
      owner: account.owner,
      purpose: account.purpose,
      currency: account.currency,
    });
  }
}
