export * from './contract';
export { ApiKeys } from './access/application/api-keys.facade';
export { type Keeper } from './access/application/tenant-actor';
export { type Invitation, People } from './members/application/users.facade';
export { IdentityModule } from './identity.module';
export { IdentityJobsModule } from './identity-jobs.module';
