/** The secret is returned once; only its hash is stored. */
export interface CreatedApiKey {
  readonly id: string;
  readonly secret: string;
}

export {
  InvalidApiKey,
  ScopeNotHeld,
  TenantSuspended,
  UnknownRole,
  UnknownScope,
} from './access/domain/errors';
export { InvalidEmail, InvalidUserName, LastPlatformAdmin, UserDisabled } from './accounts/domain/errors';
export { AlreadyMember } from './members/domain/errors';
