import { Injectable } from '@nestjs/common';
import type { DomainError } from '../../../kernel/errors';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { LocalCache } from '../../../platform/cache';
import { type Rail, RailAccountMissing, Transfers } from '../../transfers';

const ENTRIES_MAX = 10_000;

/**
 * Remembers which tenants have an account to pay from. Entries do not expire: accounts are never deleted.
 * Only accounts that exist are cached, so that a new account is found at once.
 */
@Injectable()
export class RailAccountCache {
  private readonly found = new LocalCache<string, true>({ maxEntries: ENTRIES_MAX });

  constructor(
    private readonly transfers: Transfers,
    private readonly uow: UnitOfWork,
  ) {}

  /** Returns RailAccountMissing if the tenant has no account on this rail, otherwise null. */
  async missingFor(tx: Tx, rail: Rail): Promise<DomainError | null> {
    const key = `${this.uow.tenantOf(tx)} ${rail}`;
    if (this.found.get(key)) return null;
    try {
      await this.transfers.payingAccount(tx, rail);
    } catch (error) {
      if (error instanceof RailAccountMissing) return error;
      throw error;
    }
    this.found.set(key, true);
    return null;
  }
}
