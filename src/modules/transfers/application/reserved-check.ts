import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Tx } from '../../../kernel/tx';
import { Ledger, LedgerChecks, type LedgerCheck } from '../../ledger';
import { accounts, nameOf, type CheckOutcome, type Difference } from '../../ledger/contract';
import { TransferRepository } from './ports';

const DIFFERENCES_MAX = 100;

/** Reserved money equals the sum of the transfers that are not final (docs/invariants.md M3). */
@Injectable()
export class ReservedCheck implements LedgerCheck, OnModuleInit {
  readonly name = 'reserved_against_transfers';

  constructor(
    private readonly checks: LedgerChecks,
    private readonly ledger: Ledger,
    private readonly transfers: TransferRepository,
  ) {}

  onModuleInit(): void {
    this.checks.register(this);
  }

  async execute(tx: Tx): Promise<CheckOutcome> {
    const held = await this.transfers.reservedByTransfers(tx);
    const expected = new Map(
      held.map((t) => [nameOf(accounts.reserved(t.recipientId, t.purpose, t.currency)), t.amountMinor]),
    );
    const actual = new Map(
      (await this.ledger.reservedBalances(tx)).map(({ account, minor }) => [nameOf(account), minor]),
    );
    const names = new Set([...expected.keys(), ...actual.keys()]);
    const differences = [...names].flatMap((subject) =>
      differenceOf(subject, expected.get(subject) ?? 0n, actual.get(subject) ?? 0n),
    );
    return {
      check: this.name,
      compared: names.size,
      differences: differences.slice(0, DIFFERENCES_MAX),
      differing: differences.length,
    };
  }
}

function differenceOf(subject: string, expected: bigint, actual: bigint): Difference[] {
  if (expected === actual) return [];
  return [
    {
      check: 'reserved_against_transfers',
      subject,
      expected: expected.toString(),
      actual: actual.toString(),
    },
  ];
}
