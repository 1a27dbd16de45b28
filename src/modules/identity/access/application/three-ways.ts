import { Injectable } from '@nestjs/common';
import { Authenticator, type Credentials } from '../../../../platform/access/ports';
import type { AuthenticatedUser, Principal } from '../../../../kernel/principal';
import { TenantNotFound } from '../domain/errors';
import { ApiKeyAuthenticator } from './api-key-authenticator';
import { PrincipalCache } from './principal-cache';
import { PeopleAuthenticator } from './people-authenticator';

/** Key, access token or session: the guard has seen that there is one of them only. */
@Injectable()
export class ThreeWays extends Authenticator {
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
    // The tenant comes from the key: a header that says otherwise is a mistake worth hearing of.
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
