export * from './contract';
export { ApiKeys } from './access/application/api-keys.facade';
export type { TenantActor } from './access/application/tenant-actor';
export type { Invitation } from './accounts/application/create-user';
export { Users } from './members/application/users.facade';
export { IdentityModule } from './identity.module';
export { IdentityJobsModule } from './identity-jobs.module';
export { identity } from './identity.definition';
