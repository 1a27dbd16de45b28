import type { Actor } from '../../../../kernel/actor';
import type { TenantId } from '../../../../kernel/ids';
import { RoleAboveYours } from '../domain/errors';
import type { Role } from '../domain/roles';
import type { ScopeCatalogue } from '../domain/scope-catalogue';

/** The caller who changes the members of a tenant. */
export interface TenantActor {
  readonly tenantId: TenantId;
  readonly scopes: readonly string[];
  /** Absent for the command line, which has no access that could end. */
  readonly accessEpoch?: string;
  readonly actor: Actor;
}

/** @throws RoleAboveYours */
export function rejectRoleAbove(
  catalogue: ScopeCatalogue,
  { scopes }: Pick<TenantActor, 'scopes'>,
  role: Role,
): void {
  if (!catalogue.mayGive(scopes, role)) throw new RoleAboveYours();
}
