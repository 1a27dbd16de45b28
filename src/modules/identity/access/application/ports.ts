import type { Actor } from '../../../../kernel/actor';
import type { TenantId } from '../../../../kernel/ids';
import type { PageWindow } from '../../../../kernel/page-window';
import type { Tx } from '../../../../kernel/tx';
import type { ApiKey, Maker, UsableKey } from '../domain/api-key';
import type { Membership } from '../domain/membership';

export interface NewApiKey {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly secretHash: Buffer;
  readonly scopes: readonly string[];
  readonly actorChain: readonly string[];
  readonly createdBy: Maker;
  readonly rateLimitPerMinute: number | null;
  readonly expiresAt: Date | null;
}

export interface NewSecret {
  readonly prefix: string;
  readonly secretHash: Buffer;
  /** Seconds for which the previous secret still works; 0 ends it now. */
  readonly overlapS: number;
  readonly actorChain: readonly string[];
}

/** A usable key that has a given user or key in its actor chain. */
export type DerivedKey = Pick<ApiKey, 'tenantId' | 'id' | 'name' | 'prefix' | 'scopes'>;

export interface Usage {
  readonly id: string;
  readonly count: number;
  readonly lastMsAgo: number;
}

/** `actorId`: a user or a key. "Derived keys" are usable keys with that id in their actor chain. */
export abstract class ApiKeyStore {
  abstract add(tx: Tx, tenant: TenantId, key: NewApiKey): Promise<void>;
  /** Whether fewer than `max` keys are usable: neither revoked nor expired. */
  abstract hasRoom(tx: Tx, tenant: TenantId, max: number): Promise<boolean>;
  abstract find(tx: Tx, tenant: TenantId, id: string): Promise<ApiKey | null>;
  /** As `find`; the row is locked until the end of the transaction. */
  abstract lock(tx: Tx, tenant: TenantId, id: string): Promise<ApiKey | null>;
  /** As `lock`, of the key and of the keys derived from it. */
  abstract lockWithDerived(tx: Tx, tenant: TenantId, id: string): Promise<ApiKey | null>;
  /** The key if it may be used now with this secret, by the clock of the database. */
  abstract findUsable(tx: Tx, tenant: TenantId, id: string, secretHash: Buffer): Promise<UsableKey | null>;
  /** For the system: the scopes of a key that may be used now. */
  abstract scopesOfUsable(tx: Tx, tenant: TenantId, id: string): Promise<readonly string[] | null>;
  /** Of several previous secrets only the last one survives, during its overlap. */
  abstract replaceSecret(tx: Tx, tenant: TenantId, id: string, secret: NewSecret): Promise<void>;
  abstract revoke(tx: Tx, tenant: TenantId, ids: readonly string[]): Promise<void>;
  abstract lockDerived(tx: Tx, tenant: TenantId, actorId: string): Promise<DerivedKey[]>;
  /** For the system: the tenants in which the actor has derived keys. */
  abstract tenantsOfDerived(tx: Tx, actorId: string): Promise<TenantId[]>;
  /** For the system: as `lockDerived`, in every tenant. */
  abstract lockDerivedInAllTenants(tx: Tx, actorId: string): Promise<DerivedKey[]>;
  /** For the system: revokes those of `ids` that are derived from the actor. */
  abstract revokeDerived(tx: Tx, actorId: string, ids: readonly string[]): Promise<void>;
  abstract addUsage(tx: Tx, tenant: TenantId, usage: readonly Usage[]): Promise<void>;
  /** For the system: tenant and id of the key with this hash, and nothing else about it. */
  abstract locate(tx: Tx, secretHash: Buffer): Promise<{ tenantId: TenantId; id: string } | null>;
}

/** The user of a session, or of the access tokens of a refresh-token family. */
export interface SignedInUser {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly isPlatformAdmin: boolean;
  readonly sessionId: string | null;
  readonly familyId: string | null;
  readonly chosenTenant: string | null;
}

/** Provided by accounts. Everything here runs as the system. */
export abstract class SignInStore {
  /** The user of a session that may be used now; records that it was used. */
  abstract resolveSession(tx: Tx, hash: Buffer): Promise<SignedInUser | null>;
  /** The user of a refresh-token family whose access tokens may be used now. */
  abstract resolveFamily(tx: Tx, familyId: string): Promise<SignedInUser | null>;
}

/** Provided by members. Everything here runs as the system. */
export abstract class UserMembershipStore {
  /** All memberships of the user, in whatever state. */
  abstract membershipsOf(tx: Tx, userId: string): Promise<Membership[]>;
}

export interface AccessClaims {
  readonly userId: string;
  readonly familyId: string;
}

export abstract class AccessTokens {
  abstract readonly lifetimeS: number;
  abstract issue(claims: AccessClaims): Promise<string>;
  /** Null for a token that this installation did not sign, or that has expired. */
  abstract read(token: string): Promise<AccessClaims | null>;
}

export interface InstallationRecord {
  readonly id: string;
  readonly at: Date;
  readonly action: string;
  readonly actor: Actor;
  readonly userId: string;
}

export interface InstallationFilters {
  readonly userId: string | undefined;
  readonly actorId: string | undefined;
}

/**
 * The audit log of the installation: what was done to its users, by whom. Written in the transaction of the
 * change, append-only. Everything here runs as the system.
 */
export abstract class InstallationLogStore {
  abstract add(tx: Tx, by: Actor, action: string, userId: string): Promise<void>;
  abstract list(tx: Tx, filters: InstallationFilters, window: PageWindow): Promise<InstallationRecord[]>;
}
