export * from './app';
export * from './database';
export * from './tenant';
export * from './until';
