import type { EntryDraft } from './posting';

/**
 * One fact that a module can post. Each module exports its facts from `domain/accounting.ts`; docs/ledger.md is
 * generated from them.
 */
export interface AccountingFact<Input> {
  /** In the words of the domain: 'settlement recorded'. */
  readonly fact: string;
  /** The reference as a pattern: 'settlement:<id>:recorded'. */
  readonly reference: string;
  /** Kind of the entry: 'settlement_recorded'. */
  readonly kind: string;
  /** The postings in words: 'funding → pot: the pool; pot → payable:<recipient>:award: each award'. */
  readonly postings: string;
  readonly build: (input: Input) => EntryDraft;
}

export function defineFact<Input>(fact: AccountingFact<Input>): AccountingFact<Input> {
  return Object.freeze(fact);
}
