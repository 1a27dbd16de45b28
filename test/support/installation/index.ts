export * from './api-client';
export * from './installation';
export * from './oracle';
export * from './program';
export * from './random';
export * from './tenant-world';
