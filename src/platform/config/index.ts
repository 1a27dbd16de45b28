export * from './config.module';
export * from './environment';
export { environmentKeys } from './keys';
export * from './load-environment';
