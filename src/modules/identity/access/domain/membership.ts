import type { TenantId } from '../../../../kernel/ids';
import type { Role } from './roles';

export type MembershipState = 'invited' | 'active' | 'disabled';

/** What a user is in one tenant. */
export interface Membership {
  readonly tenantId: TenantId;
  readonly role: Role;
  readonly state: MembershipState;
  /** When the user was invited. */
  readonly since: Date;
  /** The name that the tenant gave the user. Another tenant never sees it. */
  readonly name: string;
}

export function activeMemberships(memberships: readonly Membership[]): Membership[] {
  return memberships.filter(({ state }) => state === 'active');
}
