import type { TenantId } from '../../../../kernel/ids';
import type { Actor } from '../../../../kernel/actor';
import { RoleAboveYours } from '../../contract';
import { mayGive, type Role } from '../domain/roles';

/** Whoever does something to members of their tenant. */
export interface Keeper {
  readonly tenantId: TenantId;
  readonly scopes: readonly string[];
  /** Absent for the command line, which nobody's access lets in. */
  readonly accessEpoch?: string;
  readonly actor: Actor;
}

export interface ShownToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/** @throws RoleAboveYours */
export function refuseRoleAbove({ scopes }: Pick<Keeper, 'scopes'>, role: Role): void {
  if (!mayGive(scopes, role)) throw new RoleAboveYours();
}
