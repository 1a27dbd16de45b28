import type { TenantId } from '../../../kernel/ids';
import type { Role } from './roles';

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
 * The one tenant that may have the person's password chosen anew. A password opens everything its person has: whoever has another
 * tenant, if only an invitation of one, has not accepted, or runs the installation, is nobody's to reset.
 */
export function soleBelonging(account: { readonly passwordHash: string | null; readonly isPlatformAdmin: boolean } | null, belongings: readonly Belonging[]): Belonging | null {
  const [only, ...more] = belongings;
  if (!account?.passwordHash || account.isPlatformAdmin || more.length || only?.state === 'invited') return null;
  return only ?? null;
}
