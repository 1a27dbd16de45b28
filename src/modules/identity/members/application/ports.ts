import type { TenantId } from '../../../../kernel/ids';
import type { PageWindow } from '../../../../kernel/page-window';
import type { Tx } from '../../../../kernel/tx';
import type { MembershipState } from '../../access/domain/membership';
import type { Role } from '../../access/domain/roles';

export interface Member {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly state: MembershipState;
  readonly createdAt: Date;
  /** Position in the list, to the microsecond. */
  readonly position: string;
}

/** The members of the transaction's tenant. */
export abstract class MembershipStore {
  /** Returns false where the user has a membership already. */
  abstract add(
    tx: Tx,
    tenant: TenantId,
    member: Pick<Member, 'userId' | 'email' | 'name' | 'role'>,
  ): Promise<boolean>;
  abstract find(tx: Tx, tenant: TenantId, userId: string): Promise<Member | null>;
  /**
   * Locks the rows of all active administrators, then the member's, always in one order, so that two
   * administrators who leave at once cannot both be the second to last.
   */
  abstract lock(tx: Tx, tenant: TenantId, userId: string): Promise<{ member: Member | null; admins: number }>;
  abstract change(
    tx: Tx,
    tenant: TenantId,
    userId: string,
    to: { role: Role; state: MembershipState; name: string },
  ): Promise<void>;
  /**
   * Deletes the invitation; true for one of any number of concurrent callers. The user is locked: no reset
   * of the password commits before this transaction ends.
   */
  abstract takeInvitation(tx: Tx, hash: Buffer): Promise<boolean>;
  /** Returns false unless the member is invited or active. */
  abstract accept(tx: Tx, tenant: TenantId, userId: string): Promise<boolean>;
  abstract remove(tx: Tx, tenant: TenantId, userId: string): Promise<void>;
  abstract list(tx: Tx, tenant: TenantId, window: PageWindow): Promise<Member[]>;
}
