import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { HttpProblem, standardProblem } from '../http';
import { credentialsOf } from './credentials';
import { isForged } from './csrf';
import { PUBLIC, SCOPES, WITHOUT_TENANT } from './decorators';
import type { AuthenticatedUser, Principal } from '../../kernel/principal';
import { Authenticator, type Credentials, TenantRequired } from './ports';
import { grants } from './scope';
import { securityEvent, type SecurityEvent } from './security-event';
import { SessionCookie } from './session-cookie';

/**
 * Guards every route of the process; only `@Public()` opens one. Whatever fails in here refuses the request.
 */
@Injectable()
export class AuthenticationGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly reflector: Reflector,
    private readonly cookie: SessionCookie,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const told = <T>(key: string) =>
      this.reflector.getAllAndOverride<T | undefined>(key, [context.getHandler(), context.getClass()]);
    if (told<boolean>(PUBLIC)) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const credentials = credentialsOf(request, this.cookie);
    const scopes = told<string[]>(SCOPES) ?? [];
    if (told<boolean>(WITHOUT_TENANT)) {
      request.reauthenticateUser = async () => {
        request.user = await this.person(request, credentials);
        refuseForged(request, credentials);
        refuseWithout(scopes, request.user);
        return request.user;
      };
      await request.reauthenticateUser();
      return true;
    }
    request.reauthenticate = async () => {
      request.principal = await this.principal(request, credentials);
      refuseWithout(scopes, request.principal);
      return request.principal;
    };
    await request.reauthenticate();
    refuseForged(request, credentials);
    return true;
  }

  private async principal(request: FastifyRequest, credentials: Credentials): Promise<Principal> {
    const principal = await this.authenticator.authenticate(credentials).catch((error: unknown) => {
      if (error instanceof TenantRequired)
        throw new HttpProblem(
          400,
          'tenant_required',
          'Send the id of the tenant in the header X-Tenant-ID: you belong to several, or to none.',
        );
      if ((error as { code?: unknown }).code === 'tenant_not_found') securityEvent(request, 'tenant_refused');
      throw error;
    });
    return principal ?? refuse(request, credentials);
  }

  private async person(request: FastifyRequest, credentials: Credentials): Promise<AuthenticatedUser> {
    if (credentials.apiKey === undefined)
      return (await this.authenticator.authenticateUser(credentials)) ?? refuse(request, credentials);
    if (!(await this.authenticator.authenticate(credentials))) refuse(request, credentials);
    throw new HttpProblem(
      403,
      'user_required',
      'This is for people: log in. An API key belongs to a tenant and cannot do it.',
    );
  }
}

function refuseWithout(scopes: readonly string[], caller: { readonly scopes: readonly string[] }): void {
  const missing = scopes.filter((scope) => !grants(caller.scopes, scope));
  if (missing.length)
    throw new HttpProblem(403, 'insufficient_scope', `You lack the scope ${missing.join(', ')}.`);
}

function refuseForged(request: FastifyRequest, { session }: Credentials): void {
  if (session === undefined || !isForged(request, session)) return;
  securityEvent(request, 'csrf_failed');
  throw new HttpProblem(
    403,
    'csrf_failed',
    'Send the csrf_token of your login in the header X-CSRF-Token, from the same origin.',
  );
}

const REFUSED: readonly [keyof Credentials, SecurityEvent][] = [
  ['apiKey', 'key_refused'],
  ['accessToken', 'token_refused'],
  ['session', 'session_forged'],
];

function refuse(request: FastifyRequest, credentials: Credentials): never {
  const event = REFUSED.find(([way]) => credentials[way] !== undefined)?.[1];
  if (event) securityEvent(request, event);
  const { code, detail } = standardProblem(401);
  throw new HttpProblem(401, code, detail, {
    headers: { 'www-authenticate': 'Bearer realm="disburse", ApiKey realm="disburse", header="X-API-Key"' },
  });
}
