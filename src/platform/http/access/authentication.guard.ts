import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { HttpProblem } from '../problem/http-problem';
import { standardProblem } from '../problem/standard-problems';
import { PUBLIC, SCOPES, WITHOUT_TENANT } from './decorators';
import { Authenticator, type Credentials, type PersonalPrincipal, type Principal } from './principal';
import { grants } from './scope';

/** Guards every route of the process; only `@Public()` opens one. Whatever fails in here refuses the request. */
@Injectable()
export class AuthenticationGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const told = <T>(key: string) => this.reflector.getAllAndOverride<T | undefined>(key, [context.getHandler(), context.getClass()]);
    if (told<boolean>(PUBLIC)) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const scopes = told<string[]>(SCOPES) ?? [];
    if (told<boolean>(WITHOUT_TENANT)) {
      request.person = await this.person(request);
      refuseWithout(scopes, request.person);
      return true;
    }
    request.readmit = async () => {
      request.principal = await this.principal(request);
      refuseWithout(scopes, request.principal);
      return request.principal;
    };
    await request.readmit();
    return true;
  }

  private async principal(request: FastifyRequest): Promise<Principal> {
    return (await this.authenticator.authenticate(credentialsOf(request))) ?? refuse();
  }

  private async person(request: FastifyRequest): Promise<PersonalPrincipal> {
    const credentials = credentialsOf(request);
    if (credentials.apiKey === undefined) return (await this.authenticator.authenticatePerson(credentials)) ?? refuse();
    if (!(await this.authenticator.authenticate(credentials))) refuse();
    throw new HttpProblem(403, 'user_required', 'This is for people: log in. An API key belongs to a tenant and cannot do it.');
  }
}

function credentialsOf(request: FastifyRequest): Credentials {
  const apiKey = request.headers['x-api-key'];
  return typeof apiKey === 'string' ? { apiKey } : {};
}

function refuseWithout(scopes: readonly string[], caller: { readonly scopes: readonly string[] }): void {
  const missing = scopes.filter((scope) => !grants(caller.scopes, scope));
  if (missing.length) throw new HttpProblem(403, 'insufficient_scope', `You lack the scope ${missing.join(', ')}.`);
}

function refuse(): never {
  const { code, detail } = standardProblem(401);
  throw new HttpProblem(401, code, detail, { headers: { 'www-authenticate': 'ApiKey realm="disburse", header="X-API-Key"' } });
}
