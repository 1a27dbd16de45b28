import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/tx';
import type { CheckOutcome } from '../domain/verification';

/** A comparison of the ledger with what a module above knows, which the ledger itself may not import. */
export interface LedgerCheck {
  readonly name: string;
  execute(tx: Tx): Promise<CheckOutcome>;
}

/** Modules register at start-up (onModuleInit); every verification runs all of them. */
@Injectable()
export class LedgerChecks {
  private readonly registered = new Map<string, LedgerCheck>();

  register(check: LedgerCheck): void {
    if (this.registered.has(check.name))
      throw new Error(`the ledger check ${check.name} is registered twice`);
    this.registered.set(check.name, check);
  }

  all(): readonly LedgerCheck[] {
    return [...this.registered.values()];
  }
}
