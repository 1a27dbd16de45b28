import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { HttpProblem } from '../problem/http-problem';
import { standardProblem } from '../problem/standard-problems';
import { PUBLIC, SCOPES } from './decorators';
import { Authenticator, type Principal } from './principal';
import { grants } from './scope';

/** Guards every route of the process; only `@Public()` opens one. Whatever fails in here refuses the request. */
@Injectable()
export class AuthenticationGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, targets)) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const principal = await this.authenticate(request);
    request.principal = principal;
    const missing = (this.reflector.getAllAndOverride<string[] | undefined>(SCOPES, targets) ?? []).filter((scope) => !grants(principal.scopes, scope));
    if (missing.length) throw new HttpProblem(403, 'insufficient_scope', `This key lacks the scope ${missing.join(', ')}.`);
    return true;
  }

  private async authenticate(request: FastifyRequest): Promise<Principal> {
    const apiKey = request.headers['x-api-key'];
    const principal = typeof apiKey === 'string' ? await this.authenticator.authenticate({ apiKey }) : null;
    if (principal) return principal;
    const { code, detail } = standardProblem(401);
    throw new HttpProblem(401, code, detail, { headers: { 'www-authenticate': 'ApiKey realm="disburse", header="X-API-Key"' } });
  }
}
