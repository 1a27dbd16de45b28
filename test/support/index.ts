export * from './app';
export * from './database';
export * from './identity-ground';
export * from './tenant';
export * from './until';
