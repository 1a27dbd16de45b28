import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiExtension, ApiSecurity } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ApiProblems } from '../http';
import type { AuthenticatedUser, Principal } from '../../kernel/principal';
import { userOf, principalOf } from './request-principal';

export const PUBLIC = 'http:public';
export const SCOPES = 'http:scopes';
export const WITHOUT_TENANT = 'http:without-tenant';
export const AUTHENTICATED = 'http:authenticated';
export const FEATURE = 'http:feature';
export const PER_ADDRESS = 'http:per-address';

/** Needs no credentials. Every other route needs an authenticated caller. */
export function Public(): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(PUBLIC, true), ApiSecurity({}), ApiExtension('x-public', true));
}

/**
 * Limits the requests of each address, before anything is looked up or hashed for it: for public routes whose work
 * costs something.
 */
export function PerAddress(): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(PER_ADDRESS, true), ApiProblems(429));
}

/** The caller must hold all of these, each `resource:action`. */
export function Scopes(...scopes: [string, ...string[]]): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(SCOPES, scopes),
    ApiExtension('x-scopes', scopes),
    ApiProblems(401, [403, 'insufficient_scope', 'tenant_suspended']),
  );
}

/** Any caller with a tenant, whatever its scopes: for routes about the caller itself. */
export function Authenticated(): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(AUTHENTICATED, true), ApiProblems(401, [403, 'tenant_suspended']));
}

/**
 * A route, or all routes of a controller, that a tenant has only while the feature is on. With an unknown name the
 * program does not start.
 */
export function Feature(name: string): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(FEATURE, name),
    ApiExtension('x-feature', name),
    ApiProblems([403, 'feature_disabled']),
  );
}

/**
 * For people, whatever the tenant; the handler takes `@CurrentPerson()`. Scopes are those of the
 * installation: a role in a tenant gives none of them, and an API key is refused whatever it may do.
 */
export function WithoutTenant(...scopes: string[]): MethodDecorator & ClassDecorator {
  const refusals = scopes.length ? ['user_required', 'insufficient_scope'] : ['user_required'];
  return applyDecorators(
    SetMetadata(WITHOUT_TENANT, true),
    SetMetadata(SCOPES, scopes),
    ApiSecurity('access_token'),
    ApiSecurity('session'),
    ApiExtension('x-scopes', scopes),
    ApiExtension('x-without-tenant', true),
    ApiProblems(401, [403, ...refusals]),
  );
}

export const CurrentUser = createParamDecorator<unknown, AuthenticatedUser>(
  (_data, context: ExecutionContext) => userOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

export const CurrentPrincipal = createParamDecorator<unknown, Principal>((_data, context: ExecutionContext) =>
  principalOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
