import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyRequest } from 'fastify';
import { validationFailed } from '../problem/http-problem';

/**
 * Names a handler takes by `@Query('name')`; null when it takes the whole query, whose class then says what
 * is known.
 */
type Declared = ReadonlySet<string> | null;

/**
 * Refuses parameters a handler never asked for. One that is misspelt and ignored would answer the wrong list.
 */
@Injectable()
export class DeclaredQueryGuard implements CanActivate {
  private readonly declared = new WeakMap<object, Declared>();

  canActivate(context: ExecutionContext): boolean {
    const sent = Object.keys(context.switchToHttp().getRequest<FastifyRequest>().query as object);
    if (sent.length === 0) return true;
    const known = this.declaredBy(context);
    const unknown = known ? sent.filter((name) => !known.has(name)) : [];
    if (unknown.length)
      throw validationFailed(
        Object.fromEntries(unknown.map((name) => [name, [`${name} is not a parameter here`]])),
      );
    return true;
  }

  private declaredBy(context: ExecutionContext): Declared {
    const handler = context.getHandler();
    if (!this.declared.has(handler))
      this.declared.set(handler, declaredNames(context.getClass(), handler.name));
    return this.declared.get(handler) ?? null;
  }
}

function declaredNames(controller: object, method: string): Declared {
  const args = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {}) as Record<
    string,
    { data?: unknown }
  >;
  const names = Object.entries(args)
    .filter(([key]) => key.startsWith(`${RouteParamtypes.QUERY}:`))
    .map(([, { data }]) => data);
  return names.every((name) => typeof name === 'string') ? new Set(names) : null;
}
