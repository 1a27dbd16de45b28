import type { Type } from '@nestjs/common';
import type { Role } from '../../kernel/roles';
import type { RowClass, SqlMigration } from '../database';

type Scope = `${string}:${string}`;
/** `POST /payouts/{id}/cancel`, below /api/v1. */
type Route = `${'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;

/** What a module adds to the program. Only the composition root reads it; nothing else lists modules. */
export interface ModuleDefinition {
  readonly name: string;
  readonly nestModules?: readonly Type[];
  readonly migrations?: readonly (new () => SqlMigration)[];
  /** Classes that `repository(tx, Row)` accepts. */
  readonly rows?: readonly RowClass[];
  readonly queues?: readonly string[];
  /** The scopes of the module's routes, each with the roles that hold it. A tenant_admin holds all of them. */
  readonly scopes?: Readonly<Record<Scope, readonly Exclude<Role, 'tenant_admin'>[]>>;
  /** Scopes of routes without a tenant: held by platform administrators, never by an API key or a role. */
  readonly platformScopes?: readonly Scope[];
  /** Events that the module publishes. */
  readonly events?: readonly { readonly name: string }[];
  /** Mutating routes, each with the actions that one call leaves in the audit trail. */
  readonly auditedRoutes?: Readonly<Record<Route, readonly string[]>>;
  /** Mutating routes that leave no audit record, each with the reason. */
  readonly unauditedRoutes?: Readonly<Record<Route, string>>;
}

/** Keeps the definition's exact type, and has it checked where it is written. */
export function defineModule<const D extends ModuleDefinition>(definition: D): D {
  return definition;
}
