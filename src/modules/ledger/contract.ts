/** What the domain code of other modules may import. Nothing here uses a database. */
export * from './domain/accounting-fact';
export * from './domain/chart';
export * from './domain/errors';
export * from './domain/posting';
export * from './domain/verification';
