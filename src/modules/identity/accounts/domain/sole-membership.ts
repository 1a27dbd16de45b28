import type { TenantId } from '../../../../kernel/ids';
import type { Role } from '../../access/domain/roles';

export type MembershipState = 'invited' | 'active' | 'disabled';

export interface Belonging {
  readonly tenantId: TenantId;
  readonly role: Role;
  readonly state: MembershipState;
  /** When the person was invited. */
  readonly since: Date;
  /** As the tenant wrote it: nobody is shown there under a name that another one gave. */
  readonly name: string;
}

/**
 * The one tenant that may have the person's password chosen anew. A password opens every tenant that its
 * person has accepted, shut out of it or not, since that may end: whoever has accepted another one, none, or
 * runs the installation, is nobody's to reset.
 *
 * An invitation counts for nothing here, open or over: anybody who knows an address can make one, and must
 * not keep its person from a new password by it. It is not entered with that password either: a reset ends
 * the invitations that stand, and a tenant is entered only while the invitation does, in one transaction.
 */
export function soleBelonging(
  account: { readonly passwordHash: string | null; readonly isPlatformAdmin: boolean } | null,
  belongings: readonly Belonging[],
): Belonging | null {
  const [only, ...more] = belongings.filter(({ state }) => state !== 'invited');
  if (!account?.passwordHash || account.isPlatformAdmin || more.length) return null;
  return only ?? null;
}
