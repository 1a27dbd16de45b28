export * from './app';
export * from './database';
export * from './identity-fixture';
export * from './tenant';
export * from './until';
