import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequestLimits } from './request-limits';

/** After the guard that knows the caller. Public routes and people without a tenant have limits of their own. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(private readonly limits: RequestLimits) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (request.principal) await this.limits.admit(request, context.switchToHttp().getResponse<FastifyReply>(), request.principal);
    return true;
  }
}
