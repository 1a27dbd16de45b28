import { ScopeNotHeld, UnknownScope } from '../../contract';

/**
 * Everything a route may ask for. `run` starts what a schedule would; `operate` undoes or forces what the
 * machine decided. A test holds this list and the routes together.
 */
export const SCOPES = [
  'api_keys:read',
  'api_keys:write',
  'audit:read',
  'connections:read',
  'connections:write',
  'ledger:read',
  'operations:read',
  'operations:run',
  'payout_jobs:read',
  'payout_jobs:operate',
  'payouts:read',
  'payouts:write',
  'payouts:operate',
  'recipients:read',
  'recipients:write',
  'settlements:read',
  'settlements:write',
  'settlements:approve',
  'tenant:read',
  'tenant:write',
  'transfers:read',
  'transfers:operate',
  'users:read',
  'users:write',
] as const;

/**
 * Outside of any tenant: given to administrators of the installation, never to a key or by a role in a
 * tenant.
 */
export const PLATFORM_SCOPES = [
  'platform_users:read',
  'platform_users:write',
  'tenants:read',
  'tenants:write',
] as const;

const WILDCARDS = SCOPES.flatMap((scope) => {
  const [resource, action] = scope.split(':') as [string, string];
  return [`${resource}:*`, `*:${action}`];
});
const KNOWN: ReadonlySet<string> = new Set(['*', ...SCOPES, ...WILDCARDS]);

/** @throws UnknownScope: a misspelt scope would grant nothing, silently. */
export function checkedScopes(scopes: readonly string[]): string[] {
  const unknown = scopes.find((scope) => !KNOWN.has(scope));
  if (unknown !== undefined) throw new UnknownScope(unknown);
  return [...new Set(scopes)].sort();
}

/**
 * Whoever gives scopes to a key: what they hold themselves, and who they are for the question of a second
 * person.
 */
export interface Grantor {
  readonly scopes: readonly string[];
  readonly actorChain: readonly string[];
  /** Under which they were let in; absent for the command line. */
  readonly accessEpoch?: string;
}

/** @throws ScopeNotHeld: nobody gives more than they hold. */
export function refuseScopesAbove(grantor: Grantor, scopes: readonly string[]): void {
  const above = scopes.filter((scope) => !covers(grantor.scopes, scope));
  if (above.length) throw new ScopeNotHeld(above);
}

/** Whether all of these are held. */
export function holds(held: readonly string[], scopes: readonly string[]): boolean {
  return scopes.every((scope) => covers(held, scope));
}

/** A wildcard is covered by itself or a wider one only: which scopes there will be is not known. */
function covers(held: readonly string[], scope: string): boolean {
  const [resource, action] = scope.split(':');
  return held.some((one) => one === '*' || one === scope || one === `${resource}:*` || one === `*:${action}`);
}
