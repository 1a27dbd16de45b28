import { domainError } from './errors';
import type { TenantId } from './ids';
import type { Tx } from './tx';

/**
 * A number per tenant that is bumped in every transaction that takes access away or changes it (ADR 0023).
 * A principal is cached for seconds together with the epoch that was read before it; the transaction of a
 * write asserts that epoch, and is rejected when it has changed. The installation has a number of its own
 * that is added to each tenant's, for platform admins, who may act in every tenant.
 */
export abstract class AccessEpochs {
  /**
   * No other transaction bumps the epoch until this one ends. First in a transaction that takes access away,
   * and in one that creates a key: each then sees what the other has done. @throws AccessChanged unless the
   * epoch is `epoch`
   */
  abstract lock(tx: Tx, epoch?: string): Promise<void>;
  /**
   * As `lock`, for one tenant in a transaction of the system. Returns the epoch, for a following transaction
   * of the tenant. @throws AccessChanged
   */
  abstract lockIn(tx: Tx, tenant: TenantId, epoch?: string): Promise<string>;
  /**
   * As `lock`, for the installation: until the transaction ends no platform admin loses access.
   * @throws AccessChanged
   */
  abstract lockInstallation(tx: Tx, epoch: string): Promise<void>;
  /** Locked until the commit: other transactions that take access away in the tenant wait. */
  abstract bump(tx: Tx): Promise<void>;
  /** As `bump`, once for each of several tenants, in a transaction of the system. */
  abstract bumpIn(tx: Tx, tenants: readonly TenantId[]): Promise<void>;
  /** In a transaction of the system: bumps every tenant at once, and waits for all locks on any of them. */
  abstract bumpInstallation(tx: Tx): Promise<void>;
  /** Must be read before the access it stands for: read later, it would hide a change in between. */
  abstract current(tx: Tx): Promise<string>;
  /** As `current`, of the installation alone. */
  abstract currentOfInstallation(tx: Tx): Promise<string>;
}

/** The epoch of the caller is out of date. The caller may still have access: authenticate again. */
export class AccessChanged extends domainError(
  'access_changed',
  'unavailable',
  'Access rights changed during this request, so it was not executed. Repeat the request.',
) {}
