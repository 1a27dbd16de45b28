import type { TenantId } from '../../../../kernel/ids';
import type { PageWindow } from '../../../../kernel/page-window';
import type { Tx } from '../../../../kernel/tx';
import type { Role } from '../../access/domain/roles';
import type { Email } from '../domain/email';
import type { FoundRefreshToken } from '../domain/refresh-token';

/** What a user is in the whole installation. */
export interface AccountFlags {
  readonly isPlatformAdmin: boolean;
  readonly isActive: boolean;
}

/** A user of the installation, with what only identity may see. */
export interface Account extends AccountFlags {
  readonly id: string;
  readonly email: string;
  readonly emailFolded: string;
  readonly name: string;
  /** Null until an invitation was accepted. */
  readonly passwordHash: string | null;
}

export interface ListedUser extends Account {
  readonly createdAt: Date;
  /** Position in the list, to the microsecond. */
  readonly position: string;
}

export interface UserFilters {
  readonly emailFolded: string | undefined;
  readonly isPlatformAdmin: boolean | undefined;
}

/** The users of the installation. Everything here runs as the system. */
export abstract class UserStore {
  /** The user with this address; created if there is none. Two concurrent calls create one. */
  abstract ensure(tx: Tx, email: Email, name: string): Promise<Account>;
  abstract byEmail(tx: Tx, emailFolded: string): Promise<Account | null>;
  abstract byId(tx: Tx, id: string): Promise<Account | null>;
  /** As `byId`; until the end of the transaction nothing changes the user or signs in with the password. */
  abstract lock(tx: Tx, id: string): Promise<Account | null>;
  /** Returns false where the password hash is no longer `from`. */
  abstract changePassword(tx: Tx, userId: string, from: string | null, to: string): Promise<boolean>;
  /** Clears the password: the account may have had another owner until now. */
  abstract makePlatformAdmin(tx: Tx, userId: string, name: string): Promise<void>;
  abstract list(tx: Tx, filters: UserFilters, window: PageWindow): Promise<ListedUser[]>;
  abstract updateAccountFlags(tx: Tx, userId: string, to: AccountFlags): Promise<void>;
  /** The platform admins who can sign in, locked until the end of the transaction. */
  abstract lockPlatformAdmins(tx: Tx): Promise<string[]>;
}

/** The user or key of a tenant that requested a one-time token. */
export interface Requester {
  readonly kind: 'user' | 'api_key';
  readonly id: string;
}

export interface OneTimeToken {
  readonly hash: Buffer;
  readonly userId: string;
  readonly purpose: 'invitation' | 'password_reset';
  readonly invitedTo: TenantId | null;
  /** The tenant that requested the token; null for the command line. */
  readonly requestedBy: TenantId | null;
  /** The role that an invitation grants in that tenant, or that the user had when a reset was requested. */
  readonly grantedRole: Role | null;
  /** Null for a token of the command line, and only then. */
  readonly requester: Requester | null;
}

/** Invitations and password resets. Everything here runs as the system. */
export abstract class OneTimeTokenStore {
  /** Replaces an earlier token of the same user, purpose and tenant. Returns when the token expires. */
  abstract issue(tx: Tx, token: OneTimeToken, lifetimeS: number): Promise<Date>;
  abstract find(tx: Tx, hash: Buffer, purpose: OneTimeToken['purpose']): Promise<OneTimeToken | null>;
  /** Deletes the token; true for one of any number of concurrent callers. */
  abstract take(tx: Tx, hash: Buffer): Promise<boolean>;
  abstract deleteResets(tx: Tx, userId: string): Promise<void>;
  /** Resets and invitations of the user. */
  abstract deleteAll(tx: Tx, userId: string): Promise<void>;
  /** Tokens of other users, that this user requested. */
  abstract deleteRequestedBy(tx: Tx, userId: string): Promise<void>;
}

/** Proof that a password was right. A sign-in with it fails if the password has changed meanwhile. */
export interface CheckedPassword {
  readonly userId: string;
  readonly passwordHash: string;
}

export interface NewSession {
  readonly id: string;
  readonly hash: Buffer;
  readonly absoluteS: number;
  readonly idleS: number;
}

export abstract class SessionStore {
  /** Also ends the session with the hash `former`, and returns its user, even where no session is opened. */
  abstract open(
    tx: Tx,
    by: CheckedPassword,
    session: NewSession,
    former: Buffer | null,
  ): Promise<{ isOpen: boolean; formerUserId: string | null }>;
  abstract end(tx: Tx, id: string): Promise<void>;
  abstract endAllOf(tx: Tx, userId: string): Promise<void>;
}

export abstract class RefreshTokenStore {
  abstract openFamily(
    tx: Tx,
    by: CheckedPassword,
    family: { id: string; chosenTenant: TenantId | null; absoluteS: number; idleS: number },
  ): Promise<boolean>;
  abstract add(tx: Tx, familyId: string, hash: Buffer): Promise<void>;
  /** Locks the family. `ageMs`: how long ago the request arrived, read once the lock is held. */
  abstract find(tx: Tx, hash: Buffer, ageMs: () => number): Promise<FoundRefreshToken | null>;
  abstract use(tx: Tx, familyId: string, hash: Buffer): Promise<void>;
  /** Returns false where the family was revoked before. */
  abstract revokeFamily(tx: Tx, familyId: string): Promise<boolean>;
  abstract revokeAllOf(tx: Tx, userId: string): Promise<void>;
}

/** Deletes at most `limit` rows that ended more than `retainedS` seconds ago, and returns their number. */
export abstract class EndedAccessStore {
  abstract purgeSessions(tx: Tx, retainedS: number, limit: number): Promise<number>;
  /** With their tokens. */
  abstract purgeFamilies(tx: Tx, retainedS: number, limit: number): Promise<number>;
  abstract purgeOneTimeTokens(tx: Tx, retainedS: number, limit: number): Promise<number>;
}

export abstract class PasswordHasher {
  abstract hash(password: string): Promise<string>;
  /** With null it takes as long as with a hash, and returns false. */
  abstract verify(hash: string | null, password: string): Promise<boolean>;
  /** Whether the hash was made with weaker parameters than a new one. */
  abstract needsRehash(hash: string): boolean;
}
