import { domainError } from './errors';
import type { TenantId } from './ids';
import type { Tx } from './tx';

/**
 * A number per tenant that is raised, in the same transaction, whenever somebody's access is taken away or
 * changed. Who was let in under an older number may be remembered for seconds; a write that names it is
 * refused by its own transaction. The number of the installation is part of each: whoever may act in any
 * tenant ends in all of them.
 */
export abstract class AccessEpochs {
  /**
   * Nobody else raises it until the transaction ends. First in what takes access away and in what gives keys:
   * the one then sees what the other has left. @throws AccessChanged when it is `known` no more
   */
  abstract lock(tx: Tx, known?: string): Promise<void>;
  /**
   * As `hold`, of a tenant, in a transaction of the system. Answers the number, for the transaction of the
   * tenant that goes on from there. @throws AccessChanged
   */
  abstract lockIn(tx: Tx, tenant: TenantId, known?: string): Promise<string>;
  /**
   * Of the installation alone, for what is done to it or to its tenants by whoever runs it: nobody loses that
   * until the transaction ends. @throws AccessChanged
   */
  abstract lockInstallation(tx: Tx, known: string): Promise<void>;
  /** Locked until the commit: whoever else takes access away here waits for it. */
  abstract bump(tx: Tx): Promise<void>;
  /** As `raise`, for somebody who has many tenants, in a transaction of the system: each once. */
  abstract bumpIn(tx: Tx, tenants: readonly TenantId[]): Promise<void>;
  /**
   * As the system: in every tenant at once, in those too that are just being made. Whoever holds one anywhere
   * is waited for.
   */
  abstract bumpInstallation(tx: Tx): Promise<void>;
  /**
   * To be read before what it stands for. Read after, it would vouch for access that was taken away in
   * between.
   */
  abstract current(tx: Tx): Promise<string>;
  /** As `current`, of the installation alone. */
  abstract currentOfInstallation(tx: Tx): Promise<string>;
}

/**
 * The caller was let in under an access epoch that is over. Says nothing of whether the caller may still
 * enter: ask again.
 */
export class AccessChanged extends domainError(
  'access_changed',
  'unavailable',
  'Who may do what was changed while this was done, so it was not. Repeat the request.',
) {}
