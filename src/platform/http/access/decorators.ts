import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiExtension, ApiSecurity } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ApiProblems } from '../problem/api-problems';
import { principalOf, type Principal } from './principal';

export const PUBLIC = 'http:public';
export const SCOPES = 'http:scopes';

/** No credentials needed. Every other route needs a known caller. */
export function Public(): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(PUBLIC, true), ApiSecurity({}), ApiExtension('x-public', true));
}

/** The caller must hold all of these, each `resource:action`. */
export function Scopes(...scopes: [string, ...string[]]): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(SCOPES, scopes), ApiExtension('x-scopes', scopes), ApiProblems(401, [403, 'insufficient_scope', 'tenant_suspended']));
}

export const CurrentPrincipal = createParamDecorator<unknown, Principal>((_data, context: ExecutionContext) =>
  principalOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
