import type { FastifyRequest } from 'fastify';

/** What a route requires of its callers. Computed from its decorators when the process starts. */
export interface RouteAccess {
  /** `principal`: a caller with a tenant; `user`: a person, whatever the tenant. */
  readonly caller: 'anonymous' | 'principal' | 'user';
  readonly scopes: readonly string[];
  readonly feature: string | null;
  readonly isLimitedPerAddress: boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
  }
}

const ANONYMOUS: RouteAccess = {
  caller: 'anonymous',
  scopes: [],
  feature: null,
  isLimitedPerAddress: false,
};

/** Routes that no controller declares: Swagger UI and the document, which production may turn off. */
const DOCS = /^\/docs(?:-json|-yaml|\/.*)?$/;

export function accessOf({
  routeOptions: { config, url },
}: Pick<FastifyRequest, 'routeOptions'>): RouteAccess | null {
  return config.access ?? (url !== undefined && DOCS.test(url) ? ANONYMOUS : null);
}
