import { Module } from '@nestjs/common';
import { Environment } from '../../platform/config';
import { ConnectionsModule } from '../connections';
import { LedgerModule } from '../ledger';
import { RecipientsModule } from '../recipients';
import { ClaimTransfers } from './application/claim-transfers';
import { DecideTransfer } from './application/decide-transfer';
import { ExecuteTransfers, ExecutionLimits } from './application/execute-transfers';
import { ListTransfers } from './application/list-transfers.query';
import { OnFundsArrived } from './application/on-funds-arrived';
import { OnProviderTransfer } from './application/on-provider-transfer';
import { OnRecipientPayable } from './application/on-recipient-payable';
import { DueTransferStore, TransferGateway, TransferRepository } from './application/ports';
import { RecordOutcomes } from './application/record-outcomes';
import { ReservedCheck } from './application/reserved-check';
import { ResumeFunded } from './application/resume-funded';
import { ResumeTransfers } from './application/resume-transfers';
import { RetryTransfer } from './application/retry-transfer';
import { ShowTransfer } from './application/transfer-detail.query';
import { TransferEffects } from './application/transfer-effects';
import { TransferDiagnostics } from './application/transfer-diagnostics.query';
import { TransferWakeUps } from './application/transfer-wake-ups';
import { Transfers } from './application/transfers.facade';
import { TransferPolicy } from './domain/policy';
import { TransfersController } from './infrastructure/http/transfers.controller';
import { FundingPoll, ResumeFundedSchedule } from './infrastructure/jobs/resume-funded.schedule';
import { SweepSchedule, SweepTiming } from './infrastructure/jobs/sweep.schedule';
import { TransfersProcessor, WorkerRole } from './infrastructure/jobs/transfers.processor';
import { PostgresDueTransferStore } from './infrastructure/persistence/postgres-due-transfer-store';
import { PostgresTransferRepository } from './infrastructure/persistence/postgres-transfer-repository';
import { StripeTransferGateway } from './infrastructure/stripe/stripe-transfer-gateway';

const RETRY_FOR_MS = 72 * 3_600_000;
const TIME_LIMIT_MS = 5_000;
const QUEUE_SILENT_MS = 60_000;
const ACCOUNTS_AT_ONCE = 4;

function policy(env: Environment): TransferPolicy {
  return {
    safeWindowMs: env.transferSafeWindowMs,
    quarantineMs: env.transferQuarantineMs,
    retryForMs: RETRY_FOR_MS,
    leaseMs: env.transferLeaseMs,
    callDeadlineMs: env.transferCallDeadlineMs,
  };
}

function limits(env: Environment): ExecutionLimits {
  return {
    concurrency: env.transferConcurrency,
    batch: env.transferBatch,
    pacePerSecond: env.transferPacePerSecond,
    timeLimitMs: TIME_LIMIT_MS,
  };
}

function sweepTiming(env: Environment): SweepTiming {
  return {
    everyMs: env.transferSweepEveryMs,
    silentForMs: Math.max(QUEUE_SILENT_MS, env.transferSweepEveryMs),
  };
}

@Module({
  imports: [LedgerModule, ConnectionsModule, RecipientsModule],
  controllers: [TransfersController],
  providers: [
    { provide: TransferPolicy, useFactory: policy, inject: [Environment] },
    { provide: ExecutionLimits, useFactory: limits, inject: [Environment] },
    { provide: SweepTiming, useFactory: sweepTiming, inject: [Environment] },
    {
      provide: FundingPoll,
      useFactory: (env: Environment): FundingPoll => ({ everyMs: env.fundingPollEveryMs }),
      inject: [Environment],
    },
    {
      provide: WorkerRole,
      useFactory: (env: Environment): WorkerRole => ({
        works: env.has('worker'),
        accountsAtOnce: ACCOUNTS_AT_ONCE,
      }),
      inject: [Environment],
    },
    { provide: TransferRepository, useClass: PostgresTransferRepository },
    { provide: DueTransferStore, useClass: PostgresDueTransferStore },
    { provide: TransferGateway, useClass: StripeTransferGateway },
    ClaimTransfers,
    TransferEffects,
    DecideTransfer,
    ExecuteTransfers,
    ListTransfers,
    OnFundsArrived,
    OnProviderTransfer,
    OnRecipientPayable,
    RecordOutcomes,
    ReservedCheck,
    ResumeFunded,
    ResumeFundedSchedule,
    ResumeTransfers,
    RetryTransfer,
    ShowTransfer,
    SweepSchedule,
    TransferDiagnostics,
    TransferWakeUps,
    Transfers,
    TransfersProcessor,
  ],
  exports: [Transfers, TransferDiagnostics],
})
export class TransfersModule {}
