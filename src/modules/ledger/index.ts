export * from './contract';
export { LedgerChecks, type LedgerCheck } from './application/ledger-checks';
export { Ledger } from './application/ledger.facade';
export { LedgerModule } from './ledger.module';
export { ledger } from './ledger.definition';
