export * from './contract';
export { Tenancy } from './application/tenancy.facade';
export { TenancyModule } from './tenancy.module';
