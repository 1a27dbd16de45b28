export * from './contract';
export { Tenancy } from './application/tenancy.facade';
export { TenancyModule } from './tenancy.module';
export { tenancy } from './tenancy.definition';
