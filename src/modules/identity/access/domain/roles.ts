import { UnknownRole } from '../../contract';
import { holds, SCOPES } from './scopes';

/** What a person is in a tenant. `*` and lists of scopes, as a key has them. */
export const ROLES = ['tenant_admin', 'operator', 'analyst', 'read_only'] as const;
export type Role = (typeof ROLES)[number];

const reads = (...without: string[]): string[] =>
  SCOPES.filter((scope) => scope.endsWith(':read') && !without.includes(scope));

const SCOPES_OF: Readonly<Record<Role, readonly string[]>> = {
  tenant_admin: ['*'],
  operator: [
    ...reads('audit:read'),
    'settlements:write',
    'settlements:approve',
    'payouts:write',
    'payouts:operate',
    'recipients:write',
    'transfers:operate',
    'payout_jobs:operate',
    'operations:run',
  ],
  analyst: reads('api_keys:read', 'users:read', 'audit:read'),
  read_only: [
    'settlements:read',
    'payouts:read',
    'payout_jobs:read',
    'transfers:read',
    'recipients:read',
    'tenant:read',
  ],
};

/** What an administrator of the installation holds outside of tenants. */
export const PLATFORM_ADMIN_SCOPES: readonly string[] = [
  'tenants:read',
  'tenants:write',
  'platform_users:read',
  'platform_users:write',
];

/**
 * Literally in the list of a platform administrator inside a tenant, and in nobody else's: a key or a role
 * cannot hold it by name, and whoever asks for it must not be satisfied by a wildcard.
 */
export const APPOINTS_ANYBODY = 'platform_users:write';

/** Whoever lets people in, and says what they are. */
const LETS_IN = 'users:write';

/** Looks at everything, lets people and keys in, and has no authority over money: that comes from a role. */
const PLATFORM_ADMIN_IN_A_TENANT: readonly string[] = [
  ...reads(),
  LETS_IN,
  'api_keys:write',
  APPOINTS_ANYBODY,
];

/** @throws UnknownRole */
export function roleOf(text: string): Role {
  const role = ROLES.find((known) => known === text);
  if (!role) throw new UnknownRole(text);
  return role;
}

export function scopesOfRole(role: Role): readonly string[] {
  return SCOPES_OF[role];
}

/** Whether whoever holds these gives and takes that role: none that may do more than they may themselves. */
export function mayGive(held: readonly string[], role: Role): boolean {
  return held.includes(APPOINTS_ANYBODY) || holds(held, SCOPES_OF[role]);
}

/** Whether whoever holds these could let somebody in with that role. */
export function mayLetIn(held: readonly string[], role: Role): boolean {
  return holds(held, [LETS_IN]) && mayGive(held, role);
}

/**
 * What a person may do in a tenant: the role's scopes and, for an administrator of the installation, theirs
 * too.
 */
export function scopesInTenant(role: Role | null, isPlatformAdmin: boolean): string[] {
  return [
    ...new Set([...(role ? SCOPES_OF[role] : []), ...(isPlatformAdmin ? PLATFORM_ADMIN_IN_A_TENANT : [])]),
  ];
}
