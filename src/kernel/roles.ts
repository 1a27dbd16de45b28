/** What a user is in a tenant. A tenant_admin holds every scope; modules declare which scopes the others hold. */
export const ROLES = ['tenant_admin', 'operator', 'analyst', 'read_only'] as const;
export type Role = (typeof ROLES)[number];
