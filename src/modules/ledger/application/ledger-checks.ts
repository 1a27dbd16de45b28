import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../kernel/tx';
import type { CheckOutcome } from '../domain/verification';

/** Compares the ledger with the data of a module that the ledger may not import. */
export interface LedgerCheck {
  readonly name: string;
  execute(tx: Tx): Promise<CheckOutcome>;
}

/** Modules register their checks at start-up (onModuleInit). Every verification runs all of them. */
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
