export * from './contract';
export { ApiKeys } from './application/api-keys.facade';
export { type Keeper } from './application/keeper';
export { type Invitation, People } from './application/people.facade';
export { IdentityModule } from './identity.module';
export { IdentityJobsModule } from './identity-jobs.module';
