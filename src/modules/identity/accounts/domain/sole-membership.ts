import type { Membership } from '../../access/domain/membership';

/**
 * The one tenant that may have the user's password reset. A password opens every tenant that the user has
 * accepted, also one in which the user is disabled, since that may be undone. So the password of a user who
 * has accepted a second tenant, none, or is a platform admin, can be reset by no tenant.
 *
 * Invitations do not count, open or expired: every tenant that knows the address can create one, and must
 * not block a reset by it. A reset deletes the user's open invitations, so none of them can be accepted with
 * the password that a tenant chose.
 */
export function soleMembership(
  account: { readonly passwordHash: string | null; readonly isPlatformAdmin: boolean } | null,
  memberships: readonly Membership[],
): Membership | null {
  const [only, ...more] = memberships.filter(({ state }) => state !== 'invited');
  if (!account?.passwordHash || account.isPlatformAdmin || more.length) return null;
  return only ?? null;
}
