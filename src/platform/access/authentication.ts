import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { HttpProblem, standardProblem } from '../http';
import { credentialsOf } from './credentials';
import { isForged } from './csrf';
import type { AuthenticatedUser, Principal } from '../../kernel/principal';
import { Authenticator, type Credentials, TenantRequired } from './ports';
import type { RouteAccess } from './route-access';
import { grants } from './scope';
import { securityEvent, type SecurityEvent } from './security-event';
import { SessionCookie } from './session-cookie';

/** Who calls: sets the principal or the user of a request, or rejects it. */
@Injectable()
export class Authentication {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly cookie: SessionCookie,
  ) {}

  async authenticate(request: FastifyRequest, { caller, scopes }: RouteAccess): Promise<void> {
    if (caller === 'anonymous') return;
    const credentials = credentialsOf(request, this.cookie);
    if (caller === 'user') {
      request.reauthenticateUser = async () => {
        request.user = await this.user(request, credentials);
        rejectForged(request, credentials);
        rejectWithout(scopes, request.user);
        return request.user;
      };
      await request.reauthenticateUser();
      return;
    }
    request.reauthenticate = async () => {
      request.principal = await this.principal(request, credentials);
      rejectWithout(scopes, request.principal);
      return request.principal;
    };
    await request.reauthenticate();
    rejectForged(request, credentials);
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
    return principal ?? reject(request, credentials);
  }

  private async user(request: FastifyRequest, credentials: Credentials): Promise<AuthenticatedUser> {
    if (credentials.apiKey === undefined)
      return (await this.authenticator.authenticateUser(credentials)) ?? reject(request, credentials);
    if (!(await this.authenticator.authenticate(credentials))) reject(request, credentials);
    throw new HttpProblem(
      403,
      'user_required',
      'This is for people: log in. An API key belongs to a tenant and cannot do it.',
    );
  }
}

function rejectWithout(scopes: readonly string[], caller: { readonly scopes: readonly string[] }): void {
  const missing = scopes.filter((scope) => !grants(caller.scopes, scope));
  if (missing.length)
    throw new HttpProblem(403, 'insufficient_scope', `You lack the scope ${missing.join(', ')}.`);
}

function rejectForged(request: FastifyRequest, { session }: Credentials): void {
  if (session === undefined || !isForged(request, session)) return;
  securityEvent(request, 'csrf_failed');
  throw new HttpProblem(
    403,
    'csrf_failed',
    'Send the csrf_token of your login in the header X-CSRF-Token, from the same origin.',
  );
}

const REJECTED: readonly [keyof Credentials, SecurityEvent][] = [
  ['apiKey', 'key_refused'],
  ['accessToken', 'token_refused'],
  ['session', 'session_forged'],
];

function reject(request: FastifyRequest, credentials: Credentials): never {
  const event = REJECTED.find(([way]) => credentials[way] !== undefined)?.[1];
  if (event) securityEvent(request, event);
  const { code, detail } = standardProblem(401);
  throw new HttpProblem(401, code, detail, {
    headers: { 'www-authenticate': 'Bearer realm="disburse", ApiKey realm="disburse", header="X-API-Key"' },
  });
}
