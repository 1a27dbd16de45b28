import type { TenantId } from '../../kernel/ids';
import type { AuthenticatedUser, Principal } from '../../kernel/principal';

/** What a request authenticates with, and the tenant that it names. */
export interface Credentials {
  readonly apiKey?: string;
  readonly accessToken?: string;
  readonly session?: string;
  /** The text of the header X-Tenant-ID, not yet checked. */
  readonly tenantId?: string;
  readonly host?: string;
}

/** A caller with several tenants named none. */
export class TenantRequired extends Error {}

/**
 * Provided by identity. Returns null for credentials that are not valid; throws a DomainError for a known caller
 * without access.
 */
export abstract class Authenticator {
  /** @throws TenantRequired */
  abstract authenticate(credentials: Credentials): Promise<Principal | null>;
  /** Drops this principal from the cache: the next request of this caller is looked up again. */
  abstract forget(principal: Principal): Promise<void>;
  /** Null for an API key too: a key is no person. */
  abstract authenticateUser(credentials: Credentials): Promise<AuthenticatedUser | null>;
}

/** Provided by tenancy, visible everywhere. */
export abstract class FeatureSwitches {
  abstract isDefined(feature: string): boolean;
  abstract isOn(tenant: TenantId, feature: string): Promise<boolean>;
}
