/** The pure door of the ledger: what a neighbour's domain may know. Nothing here reaches a database. */
export * from './domain/accounting-fact';
export * from './domain/chart';
export * from './domain/errors';
export * from './domain/posting';
export * from './domain/verification';
