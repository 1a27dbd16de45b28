import { ScopeNotHeld } from './errors';

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

/** A wildcard is covered by itself or a wider one only, because scopes are added later. */
function covers(held: readonly string[], scope: string): boolean {
  const [resource, action] = scope.split(':');
  return held.some((one) => one === '*' || one === scope || one === `${resource}:*` || one === `*:${action}`);
}
