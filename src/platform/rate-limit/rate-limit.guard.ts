import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PER_ADDRESS } from '../access';
import { RequestLimits } from './request-limits';

/** After the guard that knows the caller, and before anything of the handler. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(
    private readonly limits: RequestLimits,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    if (
      this.reflector.getAllAndOverride<boolean | undefined>(PER_ADDRESS, [
        context.getHandler(),
        context.getClass(),
      ])
    )
      await this.limits.admitStranger(request, reply);
    if (request.principal) await this.limits.admit(request, reply, request.principal);
    if (request.user) await this.limits.admitPerson(request, reply, request.user);
    return true;
  }
}
