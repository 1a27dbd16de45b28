import { Injectable } from '@nestjs/common';
import type { DomainError } from '../../../kernel/errors';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { type Rail, RailAccountMissing, Transfers } from '../../transfers';

const ENTRIES_MAX = 10_000;

/**
 * Remembers which tenants have an account to pay from. Entries do not expire: accounts are never deleted.
 * Only accounts that exist are cached, so that a new account is found at once.
 */
@Injectable()
export class RailAccountCache {
  private readonly found = new Set<string>();

  constructor(
    private readonly transfers: Transfers,
    private readonly uow: UnitOfWork,
  ) {}

  /** Returns RailAccountMissing if the tenant has no account on this rail, otherwise null. */
  async missingFor(tx: Tx, rail: Rail): Promise<DomainError | null> {
    const key = `${this.uow.tenantOf(tx)} ${rail}`;
    if (this.found.has(key)) return null;
    try {
      await this.transfers.payingAccount(tx, rail);
    } catch (error) {
      if (error instanceof RailAccountMissing) return error;
      throw error;
    }
    if (this.found.size >= ENTRIES_MAX) this.found.clear();
    this.found.add(key);
    return null;
  }
}
