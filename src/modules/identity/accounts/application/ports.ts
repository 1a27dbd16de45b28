import type { TenantId } from '../../../../kernel/ids';
import type { Tx } from '../../../../kernel/tx';
import type { PageWindow } from '../../../../kernel/page-window';
import type { Email } from '../domain/email';
import type { FoundRefreshToken } from '../domain/refresh-token';
import type { Role } from '../../access/domain/roles';
import type { Belonging, MembershipState } from '../domain/sole-membership';

export type { Belonging, MembershipState };

/** What a person is in the installation. */
export interface Standing {
  readonly isPlatformAdmin: boolean;
  readonly isActive: boolean;
}

/** A person of the installation, with what only identity may see. */
export interface Account extends Standing {
  readonly id: string;
  readonly email: string;
  readonly emailFolded: string;
  readonly name: string;
  /** Null until an invitation was accepted. */
  readonly passwordHash: string | null;
}

/** Who of a tenant asked for a token. */
export interface Asker {
  readonly kind: 'user' | 'api_key';
  readonly id: string;
}

export interface OneTimeToken {
  readonly hash: Buffer;
  readonly userId: string;
  readonly purpose: 'invitation' | 'password_reset';
  readonly invitedTo: TenantId | null;
  /** The tenant that had it made; null is the installation itself. */
  readonly askedBy: TenantId | null;
  /** What the person was to be in that tenant, or was there when a reset was asked for. */
  readonly askedOf: Role | null;
  /** Null where the installation asked, and nowhere else. */
  readonly asker: Asker | null;
}

export interface ListedPerson extends Account {
  readonly createdAt: Date;
  /** Where they stand in the list, to the microsecond. */
  readonly position: string;
}

export interface PeopleFilters {
  readonly emailFolded: string | undefined;
  readonly isPlatformAdmin: boolean | undefined;
}

/** People and their tokens of one use. Everything here runs as the system. */
export abstract class PeopleStore {
  /** The person of this address, made unless there is one; two at once make one. */
  abstract ensure(tx: Tx, email: Email, name: string): Promise<Account>;
  abstract byEmail(tx: Tx, emailFolded: string): Promise<Account | null>;
  abstract byId(tx: Tx, id: string): Promise<Account | null>;
  /**
   * As `byId`; nobody else changes the person until the end of the transaction, nor opens anything with the
   * password.
   */
  abstract lock(tx: Tx, id: string): Promise<Account | null>;
  /** Where the person belongs, in whatever state. */
  abstract belongingsOf(tx: Tx, userId: string): Promise<Belonging[]>;
  /** Answers false where the password is no longer the one that was checked. */
  abstract changePassword(tx: Tx, userId: string, from: string | null, to: string): Promise<boolean>;
  /** The account is nobody's from then on: whoever had it before may have been anybody. */
  abstract makePlatformAdmin(tx: Tx, userId: string, name: string): Promise<void>;
  abstract list(tx: Tx, filters: PeopleFilters, window: PageWindow): Promise<ListedPerson[]>;
  abstract changeStanding(tx: Tx, userId: string, to: Standing): Promise<void>;
  /** Who runs the installation and can come in; nobody of them changes until the end of the transaction. */
  abstract lockPlatformAdmins(tx: Tx): Promise<string[]>;
  /**
   * Takes the place of an earlier one for the same purpose and tenant, so that one is alive at a time.
   * Answers its end.
   */
  abstract keepToken(tx: Tx, token: OneTimeToken, livesS: number): Promise<Date>;
  abstract findToken(tx: Tx, hash: Buffer, purpose: OneTimeToken['purpose']): Promise<OneTimeToken | null>;
  /** True for one of any number who take it. */
  abstract takeToken(tx: Tx, hash: Buffer): Promise<boolean>;
  /** Invalidates resets that were asked for before a password changed. */
  abstract dropResets(tx: Tx, userId: string): Promise<void>;
  /** Invitations too. */
  abstract dropTokens(tx: Tx, userId: string): Promise<void>;
  /** Those of others, that this person had made. */
  abstract dropTokensAskedBy(tx: Tx, userId: string): Promise<void>;
}

/** Somebody whose session or family is alive. */
export interface PersonInside {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly isPlatformAdmin: boolean;
  readonly sessionId: string | null;
  readonly familyId: string | null;
  readonly chosenTenant: string | null;
}

/**
 * Proof that a password was right: what is opened with it is not opened if the password has changed
 * meanwhile.
 */
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
  /** Ends the one of the hash `former`, also where it opens none, and answers whose it was. */
  abstract open(
    tx: Tx,
    by: CheckedPassword,
    session: NewSession,
    former: Buffer | null,
  ): Promise<{ isOpen: boolean; formerOf: string | null }>;
  /** Who is inside with this session, if it may still be used; notes that it was. */
  abstract enter(tx: Tx, hash: Buffer): Promise<PersonInside | null>;
  abstract end(tx: Tx, id: string): Promise<void>;
  abstract endAllOf(tx: Tx, userId: string): Promise<void>;
}

export abstract class RefreshStore {
  abstract open(
    tx: Tx,
    by: CheckedPassword,
    family: { id: string; chosenTenant: TenantId | null; absoluteS: number; idleS: number },
  ): Promise<boolean>;
  abstract add(tx: Tx, familyId: string, hash: Buffer): Promise<void>;
  /** Under the family's lock. `ageMs`: how long ago the request came in, asked once the lock is held. */
  abstract find(tx: Tx, hash: Buffer, ageMs: () => number): Promise<FoundRefreshToken | null>;
  abstract use(tx: Tx, familyId: string, hash: Buffer): Promise<void>;
  /** Who is inside with an access token of this family. */
  abstract enter(tx: Tx, familyId: string): Promise<PersonInside | null>;
  /** Answers false where it was revoked before. */
  abstract revoke(tx: Tx, familyId: string): Promise<boolean>;
  abstract revokeAllOf(tx: Tx, userId: string): Promise<void>;
}

/** Of what ended more than `keptS` seconds ago, at most `limit`; answers how many went. */
export abstract class EndedAccessStore {
  abstract purgeSessions(tx: Tx, keptS: number, limit: number): Promise<number>;
  /** With their tokens. */
  abstract purgeFamilies(tx: Tx, keptS: number, limit: number): Promise<number>;
  abstract purgeOneTimeTokens(tx: Tx, keptS: number, limit: number): Promise<number>;
}

export interface Member {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly state: MembershipState;
  readonly createdAt: Date;
  /** Where it stands in the list, to the microsecond. */
  readonly position: string;
}

/** Who belongs to the tenant of the transaction. */
export abstract class MembershipStore {
  /** Answers false where the person belongs already. */
  abstract add(
    tx: Tx,
    tenant: TenantId,
    member: Pick<Member, 'userId' | 'email' | 'name' | 'role'>,
  ): Promise<boolean>;
  abstract find(tx: Tx, tenant: TenantId, userId: string): Promise<Member | null>;
  /**
   * Locks them, and every active administrator's row first, in one order: of two who leave at once, one is
   * the last.
   */
  abstract lock(tx: Tx, tenant: TenantId, userId: string): Promise<{ member: Member | null; admins: number }>;
  abstract change(
    tx: Tx,
    tenant: TenantId,
    userId: string,
    to: { role: Role; state: MembershipState; name: string },
  ): Promise<void>;
  /**
   * True for one of any number who take it. Nobody chooses the person's password anew until the transaction
   * ends.
   */
  abstract takeInvitation(tx: Tx, hash: Buffer): Promise<boolean>;
  /** Answers false unless the person is invited or inside. */
  abstract accept(tx: Tx, tenant: TenantId, userId: string): Promise<boolean>;
  abstract remove(tx: Tx, tenant: TenantId, userId: string): Promise<void>;
  abstract list(tx: Tx, tenant: TenantId, window: PageWindow): Promise<Member[]>;
}

export abstract class PasswordHasher {
  abstract hash(password: string): Promise<string>;
  /** With null it takes as long as with a hash, and answers false. */
  abstract verify(hash: string | null, password: string): Promise<boolean>;
  /** Made with less than what a new one is made with. */
  abstract isOutdated(hash: string): boolean;
}

export interface AccessClaims {
  readonly userId: string;
  readonly familyId: string;
}

export abstract class AccessTokens {
  abstract readonly livesS: number;
  abstract issue(claims: AccessClaims): Promise<string>;
  /** Null for anything that this installation did not sign, or that is over. */
  abstract read(token: string): Promise<AccessClaims | null>;
}
