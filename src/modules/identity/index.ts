export * from './contract';
export { ApiKeys } from './application/api-keys.facade';
export { IdentityModule } from './identity.module';
