import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyRequest } from 'fastify';
import { HttpProblem } from '../problem/http-problem';

/**
 * Many clients say JSON with every request, also with one that has no body: that must not keep anybody from
 * logging out or pulling a key. Where the handler takes a body, an empty one that is said to be JSON was cut
 * off on its way.
 */
@Injectable()
export class EmptyBodyGuard implements CanActivate {
  private readonly takers = new WeakMap<object, boolean>();

  canActivate(context: ExecutionContext): boolean {
    const { headers, body } = context.switchToHttp().getRequest<FastifyRequest>();
    if (body !== undefined || headers['content-type'] === undefined || !this.takesBody(context)) return true;
    throw new HttpProblem(400, 'invalid_json', 'The body is empty; its content type says JSON.');
  }

  private takesBody(context: ExecutionContext): boolean {
    const handler = context.getHandler();
    if (!this.takers.has(handler)) this.takers.set(handler, asksForBody(context.getClass(), handler.name));
    return this.takers.get(handler) ?? true;
  }
}

function asksForBody(controller: object, method: string): boolean {
  const args = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {}) as object;
  return Object.keys(args).some((key) => key.startsWith(`${RouteParamtypes.BODY}:`));
}
