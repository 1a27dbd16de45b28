import { type Type, RequestMethod } from '@nestjs/common';
import { PER_ADDRESS, PUBLIC, SCOPES, WITHOUT_TENANT } from '../../../src/platform/access';

export interface Route {
  /** `POST webhooks/stripe/:endpoint_id` */
  readonly name: string;
  readonly isPublic: boolean;
  readonly isPerAddress: boolean;
  readonly isPersonal: boolean;
  readonly scopes: readonly string[];
}

/** What Nest itself reads: the same metadata that decides at run time. */
export function routesOf(controller: Type): Route[] {
  const base = pathOf(controller);
  const methods = Object.getOwnPropertyNames(controller.prototype).map(
    (name) => (controller.prototype as Record<string, unknown>)[name],
  );
  return methods.filter(isHandler).map((handler) => {
    const read = <T>(key: string): T | undefined =>
      (Reflect.getMetadata(key, handler) ?? Reflect.getMetadata(key, controller)) as T | undefined;
    const verb = RequestMethod[Reflect.getMetadata('method', handler) as RequestMethod];
    const path = [base, pathOf(handler)].filter((part) => part && part !== '/').join('/');
    const [isPublic, isPerAddress, isPersonal] = [PUBLIC, PER_ADDRESS, WITHOUT_TENANT].map(
      (key) => read<boolean>(key) === true,
    ) as [boolean, boolean, boolean];
    return {
      name: `${verb} ${path}`,
      isPublic,
      isPerAddress,
      isPersonal,
      scopes: read<string[]>(SCOPES) ?? [],
    };
  });
}

export function isController(candidate: unknown): candidate is Type {
  return typeof candidate === 'function' && Reflect.hasMetadata('__controller__', candidate);
}

function isHandler(candidate: unknown): candidate is () => unknown {
  return typeof candidate === 'function' && Reflect.hasMetadata('method', candidate);
}

function pathOf(target: object): string {
  return String(Reflect.getMetadata('path', target) ?? '');
}

export interface Published {
  readonly publicRoutes: readonly string[];
  readonly anyKey: readonly string[];
  readonly anyPerson: readonly string[];
  /** Whether a key can have this scope: a scope that no key can have makes its route unusable. */
  isGiven(scope: string): boolean;
  /** The same for a route without a tenant. */
  isOfThePlatform(scope: string): boolean;
}

/** Routes that require no scope, and routes whose scope no caller can have. */
export function unguarded(routes: readonly Route[], openTo: Published): string[] {
  return routes.flatMap(({ name, isPublic, isPersonal, scopes }) => {
    if (isPublic && isPersonal) return [`${name} is public and requires a person`];
    if (isPersonal) return personal(name, scopes, openTo);
    if (isPublic)
      return scopes.length
        ? [`${name} is public and requires a scope`]
        : openTo.publicRoutes.includes(name)
          ? []
          : [`${name} is public and not on the list`];
    if (!scopes.length) return openTo.anyKey.includes(name) ? [] : [`${name} requires no scope`];
    return scopes
      .filter((scope) => !openTo.isGiven(scope))
      .map((scope) => `${name} requires "${scope}", which no key can have`);
  });
}

function personal(name: string, scopes: readonly string[], openTo: Published): string[] {
  if (!scopes.length) return openTo.anyPerson.includes(name) ? [] : [`${name} requires no scope`];
  return scopes
    .filter((scope) => !openTo.isOfThePlatform(scope))
    .map((scope) => `${name} requires "${scope}", which is none of the installation`);
}
