import type { Role } from '../../../../kernel/roles';
import { UnknownScope } from './errors';
import { APPOINTS_ANYBODY, LETS_IN } from './roles';
import { holds } from './scopes';

/**
 * The scopes that the modules declare, and what follows from them: which scopes a key may name, which ones a
 * role holds, and which roles a caller may give.
 */
export class ScopeCatalogue {
  private readonly grantable: ReadonlySet<string>;

  /** `ofTenants`: each scope with the roles that hold it. `ofPlatform`: those of routes without a tenant. */
  constructor(
    private readonly ofTenants: ReadonlyMap<string, readonly Role[]>,
    readonly ofPlatform: readonly string[],
  ) {
    const wildcards = this.all.flatMap((scope) => {
      const [resource, action] = scope.split(':') as [string, string];
      return [`${resource}:*`, `*:${action}`];
    });
    this.grantable = new Set(['*', ...this.all, ...wildcards]);
  }

  /** Those of routes of a tenant. */
  get all(): string[] {
    return [...this.ofTenants.keys()];
  }

  /** @throws UnknownScope: a misspelt scope would grant nothing, without an error. */
  check(scopes: readonly string[]): string[] {
    const unknown = scopes.find((scope) => !this.grantable.has(scope));
    if (unknown !== undefined) throw new UnknownScope(unknown);
    return [...new Set(scopes)].sort();
  }

  ofRole(role: Role): readonly string[] {
    if (role === 'tenant_admin') return ['*'];
    return this.all.filter((scope) => this.ofTenants.get(scope)?.includes(role));
  }

  /**
   * A user's scopes in a tenant: those of the role and, for a platform administrator, reading everything and
   * giving access. A platform administrator has no authority over money: that comes from a role.
   */
  inTenant(role: Role | null, isPlatformAdmin: boolean): string[] {
    const reads = this.all.filter((scope) => scope.endsWith(':read'));
    const ofAdmin = isPlatformAdmin ? [...reads, LETS_IN, 'api_keys:write', APPOINTS_ANYBODY] : [];
    return [...new Set([...(role ? this.ofRole(role) : []), ...ofAdmin])];
  }

  /** Whether a holder of these scopes may give and take the role: none that allows more than they hold. */
  mayGive(held: readonly string[], role: Role): boolean {
    return held.includes(APPOINTS_ANYBODY) || holds(held, this.ofRole(role));
  }

  /** Whether a holder of these scopes may invite a user with that role. */
  mayLetIn(held: readonly string[], role: Role): boolean {
    return holds(held, [LETS_IN]) && this.mayGive(held, role);
  }
}
