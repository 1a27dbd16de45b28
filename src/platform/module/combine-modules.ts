import type { Type } from '@nestjs/common';
import type { Role } from '../../kernel/roles';
import type { RowClass, SqlMigration } from '../database';
import type { ModuleDefinition } from './define-module';

const SCOPE = /^[a-z]+(_[a-z]+)*:[a-z]+$/;

/** The scopes that modules declare, and the roles that hold them; identity builds its rules from these. */
export class DeclaredScopes {
  constructor(
    readonly ofTenants: ReadonlyMap<string, readonly Role[]>,
    readonly ofPlatform: readonly string[],
  ) {}
}

/** What all modules add together: the composition root and the commands read it. */
export interface CombinedModules {
  readonly nestModules: Type[];
  /** In the order in which they run: that of the times in their names. */
  readonly migrations: (new () => SqlMigration)[];
  readonly rows: RowClass[];
  readonly queues: string[];
  readonly scopes: DeclaredScopes;
  readonly events: string[];
  readonly auditedRoutes: Readonly<Record<string, readonly string[]>>;
  readonly unauditedRoutes: Readonly<Record<string, string>>;
}

/** @throws Error when two modules declare the same thing, or a scope is not of the form resource:action. */
export function combineModules(modules: readonly ModuleDefinition[]): CombinedModules {
  unique('module', modules, ({ name }) => [name]);
  const tenantScopes = unique(
    'scope',
    modules,
    ({ scopes }) => Object.entries(scopes ?? {}),
    ([scope]) => scope,
  );
  const platformScopes = unique('scope', modules, ({ platformScopes }) => platformScopes ?? []);
  const all = [...tenantScopes.map(([scope]) => scope), ...platformScopes];
  for (const scope of all)
    if (!SCOPE.test(scope)) throw new Error(`The scope ${scope} is not resource:action.`);
  const both = platformScopes.find((scope) => tenantScopes.some(([declared]) => declared === scope));
  if (both !== undefined) throw new Error(`The scope ${both} is declared for tenants and for the platform.`);
  return {
    nestModules: unique('Nest module', modules, ({ nestModules }) => nestModules ?? []),
    migrations: unique('migration', modules, ({ migrations }) => migrations ?? []).sort(byTime),
    rows: unique('row', modules, ({ rows }) => rows ?? []),
    queues: unique('queue', modules, ({ queues }) => queues ?? []),
    scopes: new DeclaredScopes(new Map(tenantScopes.sort()), platformScopes.sort()),
    events: unique('event', modules, ({ events }) => (events ?? []).map(({ name }) => name)),
    ...routesOf(modules),
  };
}

function routesOf(modules: readonly ModuleDefinition[]) {
  const audited = unique(
    'audited route',
    modules,
    (m) => Object.entries(m.auditedRoutes ?? {}),
    ([route]) => route,
  );
  const unaudited = unique(
    'route',
    modules,
    (m) => Object.entries(m.unauditedRoutes ?? {}),
    ([route]) => route,
  );
  return { auditedRoutes: Object.fromEntries(audited), unauditedRoutes: Object.fromEntries(unaudited) };
}

function unique<T>(
  what: string,
  modules: readonly ModuleDefinition[],
  declaredBy: (module: ModuleDefinition) => readonly T[],
  keyOf: (declared: T) => unknown = (declared) => declared,
): T[] {
  const declarers = new Map<unknown, string>();
  return modules.flatMap((module) => {
    const declared = declaredBy(module);
    for (const one of declared) {
      const key = keyOf(one);
      const other = declarers.get(key);
      if (other !== undefined)
        throw new Error(`The ${what} ${nameOf(key)} is declared twice: by ${other} and by ${module.name}.`);
      declarers.set(key, module.name);
    }
    return declared;
  });
}

function byTime(a: new () => SqlMigration, b: new () => SqlMigration): number {
  const timeOf = (migration: new () => SqlMigration) => Number(new migration().name.slice(-13));
  return timeOf(a) - timeOf(b);
}

function nameOf(key: unknown): string {
  return typeof key === 'function' ? key.name : String(key);
}
