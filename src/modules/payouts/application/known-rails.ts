import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../kernel/errors';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { Transfers } from '../../transfers';
import type { PayoutSnapshot } from '../domain/payout';

const TENANTS_MAX = 10_000;

/**
 * Which tenants have an account to pay from. Accounts are never taken away, so that one that was seen is not
 * asked for again.
 */
@Injectable()
export class KnownRails {
  private readonly seen = new Set<string>();

  constructor(
    private readonly transfers: Transfers,
    private readonly uow: UnitOfWork,
  ) {}

  /**
   * In place of payouts that have no account to leave from: RailAccountMissing. The manual rail needs none.
   */
  async check(
    tx: Tx,
    planned: readonly (PayoutSnapshot | DomainError)[],
  ): Promise<(PayoutSnapshot | DomainError)[]> {
    const isByStripe = (one: PayoutSnapshot | DomainError) =>
      !(one instanceof DomainError) && one.rail === 'stripe';
    const missing = planned.some(isByStripe) ? await this.missing(tx) : null;
    return missing ? planned.map((one) => (isByStripe(one) ? missing : one)) : [...planned];
  }

  private async missing(tx: Tx): Promise<DomainError | null> {
    const tenant = this.uow.tenantOf(tx);
    if (this.seen.has(tenant)) return null;
    try {
      await this.transfers.payingAccount(tx, 'stripe');
    } catch (error) {
      if (error instanceof DomainError) return error;
      throw error;
    }
    if (this.seen.size >= TENANTS_MAX) this.seen.clear();
    this.seen.add(tenant);
    return null;
  }
}
