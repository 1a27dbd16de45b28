import { Injectable } from '@nestjs/common';
import { Authenticator, type Credentials } from '../../../../platform/access/ports';
import type { AuthenticatedUser, Principal } from '../../../../kernel/principal';
import { TenantNotFound } from '../domain/errors';
import { ApiKeyAuthenticator } from './api-key-authenticator';
import { PrincipalCache } from './principal-cache';
import { PeopleAuthenticator } from './people-authenticator';

/** Key, access token or session: AccessHook rejects a request with more than one of them. */
@Injectable()
export class CompositeAuthenticator extends Authenticator {
  constructor(
    private readonly keys: ApiKeyAuthenticator,
    private readonly people: PeopleAuthenticator,
    private readonly principalCache: PrincipalCache,
  ) {
    super();
  }

  async authenticate(credentials: Credentials): Promise<Principal | null> {
    if (credentials.apiKey === undefined) return this.people.authenticate(credentials);
    const principal = await this.keys.authenticate(credentials.apiKey);
    // The tenant comes from the key: a header with another one is a mistake of the caller.
    if (
      principal &&
      credentials.tenantId !== undefined &&
      credentials.tenantId.toLowerCase() !== principal.tenantId
    )
      throw new TenantNotFound();
    return principal;
  }

  async forget(principal: Principal): Promise<void> {
    this.principalCache.forget(principal);
  }

  authenticateUser(credentials: Credentials): Promise<AuthenticatedUser | null> {
    return this.people.person(credentials);
  }
}
