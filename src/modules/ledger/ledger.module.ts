import { Module } from '@nestjs/common';
import { LedgerChecks } from './application/ledger-checks';
import { Ledger } from './application/ledger.facade';
import { ListAccounts } from './application/list-accounts.query';
import { ListEntries } from './application/list-entries.query';
import { LedgerStore } from './application/ports';
import { PostEntries } from './application/post-entries';
import { TakeCheckpoints } from './application/take-checkpoints';
import { VerifyLedger } from './application/verify-ledger';
import { LedgerController } from './infrastructure/http/ledger.controller';
import { LedgerCheckpoints } from './infrastructure/jobs/ledger-checkpoints.schedule';
import { PostgresLedgerStore } from './infrastructure/persistence/postgres-ledger-store';

/** A double-entry ledger per tenant. */
@Module({
  controllers: [LedgerController],
  providers: [
    { provide: LedgerStore, useClass: PostgresLedgerStore },
    PostEntries,
    VerifyLedger,
    LedgerChecks,
    Ledger,
    ListAccounts,
    ListEntries,
    TakeCheckpoints,
    LedgerCheckpoints,
  ],
  exports: [Ledger, LedgerChecks],
})
export class LedgerModule {}
