import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/tx';
import type { LedgerVerification } from '../domain/verification';
import { LedgerChecks } from './ledger-checks';
import { LedgerStore } from './ports';

@Injectable()
export class VerifyLedger {
  constructor(
    private readonly store: LedgerStore,
    private readonly checks: LedgerChecks,
  ) {}

  async execute(tx: Tx): Promise<LedgerVerification> {
    // Otherwise a transfer that completes between two checks would be reported as a difference.
    await this.store.useOneSnapshot(tx);
    const outcomes = await this.store.verify(tx);
    for (const check of this.checks.all()) outcomes.push(await check.execute(tx));
    return { balanced: outcomes.every((outcome) => outcome.differing === 0), checks: outcomes };
  }
}
