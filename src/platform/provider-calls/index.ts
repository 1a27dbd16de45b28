export * from './guarded-sender';
