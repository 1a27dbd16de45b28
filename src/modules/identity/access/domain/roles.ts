import { type Role, ROLES } from '../../../../kernel/roles';
import { UnknownRole } from './errors';

export { type Role, ROLES };

/**
 * Only platform administrators hold this in a tenant: it is not of the tenant, so no key or role can name it, and
 * it is compared literally, so no wildcard covers it.
 */
export const APPOINTS_ANYBODY = 'platform_users:write';

/** Inviting users and changing their roles. */
export const LETS_IN = 'users:write';

/** @throws UnknownRole */
export function roleOf(text: string): Role {
  const role = ROLES.find((known) => known === text);
  if (!role) throw new UnknownRole(text);
  return role;
}
