import type { Actor } from '../../../../kernel/actor';
import type { TenantId } from '../../../../kernel/ids';
import { RoleAboveYours } from '../domain/errors';
import { mayGive, type Role } from '../domain/roles';

/** The caller who changes the members of a tenant. */
export interface TenantActor {
  readonly tenantId: TenantId;
  readonly scopes: readonly string[];
  /** Absent for the command line, which has no access that could end. */
  readonly accessEpoch?: string;
  readonly actor: Actor;
}

/** @throws RoleAboveYours */
export function rejectRoleAbove({ scopes }: Pick<TenantActor, 'scopes'>, role: Role): void {
  if (!mayGive(scopes, role)) throw new RoleAboveYours();
}
