import { Module, type OnModuleInit } from '@nestjs/common';
import { EventSubscriptions } from '../../platform/outbox';
import { LedgerModule } from '../ledger';
import { RecipientsModule } from '../recipients';
import { TenancyModule } from '../tenancy';
import { TransfersModule } from '../transfers';
import { AdvanceSettlement } from './application/advance-settlement';
import { AdvanceSettlements } from './application/advance-settlements';
import { ApproveSettlement } from './application/approve-settlement';
import { CancelSettlement } from './application/cancel-settlement';
import { CheckStream } from './application/check-stream';
import { CompletePayoutJob } from './application/complete-payout-job';
import { CompletePayoutJobs } from './application/complete-payout-jobs';
import { ExpandSettlement } from './application/expand-settlement';
import { ExpandSettlements } from './application/expand-settlements';
import { ListPayoutJobs } from './application/list-payout-jobs.query';
import { ListSettlements } from './application/list-settlements.query';
import { OnTransferFinished } from './application/on-transfer-finished';
import { OnTransferReopened } from './application/on-transfer-reopened';
import { PlanSettlement } from './application/plan-settlement';
import { AwardStore, UploadStore, PayoutJobRepository, SettlementRepository } from './application/ports';
import { ReceiveLines } from './application/receive-lines';
import { RecordSettlement } from './application/record-settlement';
import { RetryPayoutJob } from './application/retry-payout-job';
import { SettlementDiagnostics } from './application/settlement-diagnostics.query';
import { SettlementUploads } from './application/settlement-uploads';
import { PayoutJobsController } from './infrastructure/http/payout-jobs.controller';
import { SettlementDecisionsController } from './infrastructure/http/settlement-decisions.controller';
import { SettlementQueriesController } from './infrastructure/http/settlement-queries.controller';
import { SettlementStreamController } from './infrastructure/http/settlement-stream.controller';
import { SettlementsController } from './infrastructure/http/settlements.controller';
import { AdvanceSettlementsProcessor } from './infrastructure/jobs/advance-settlements.processor';
import { ExpandSettlementsSchedule } from './infrastructure/jobs/expand-settlements.schedule';
import { PostgresAwardStore } from './infrastructure/persistence/postgres-award-store';
import { PostgresUploadStore } from './infrastructure/persistence/postgres-upload-store';
import { PostgresPayoutJobRepository } from './infrastructure/persistence/postgres-payout-job-repository';
import { PostgresSettlementRepository } from './infrastructure/persistence/postgres-settlement-repository';

const useCases = [
  AdvanceSettlement,
  AdvanceSettlements,
  ApproveSettlement,
  CancelSettlement,
  CheckStream,
  CompletePayoutJob,
  CompletePayoutJobs,
  ExpandSettlement,
  ExpandSettlements,
  ListPayoutJobs,
  ListSettlements,
  OnTransferFinished,
  OnTransferReopened,
  PlanSettlement,
  ReceiveLines,
  RecordSettlement,
  RetryPayoutJob,
  SettlementDiagnostics,
  SettlementUploads,
];

const adapters = [
  { provide: SettlementRepository, useClass: PostgresSettlementRepository },
  { provide: AwardStore, useClass: PostgresAwardStore },
  { provide: PayoutJobRepository, useClass: PostgresPayoutJobRepository },
  { provide: UploadStore, useClass: PostgresUploadStore },
];

@Module({
  imports: [LedgerModule, RecipientsModule, TenancyModule, TransfersModule],
  // The stream's controller is first, so that `stream` is not matched as an id.
  controllers: [
    SettlementStreamController,
    SettlementsController,
    SettlementDecisionsController,
    SettlementQueriesController,
    PayoutJobsController,
  ],
  providers: [...useCases, ...adapters, ExpandSettlementsSchedule, AdvanceSettlementsProcessor],
  exports: [RecordSettlement, ExpandSettlements, ListSettlements, ListPayoutJobs, SettlementDiagnostics],
})
export class SettlementsModule implements OnModuleInit {
  constructor(
    private readonly reactions: EventSubscriptions,
    private readonly diagnostics: SettlementDiagnostics,
    private readonly onTransferFinished: OnTransferFinished,
    private readonly onTransferReopened: OnTransferReopened,
  ) {}

  onModuleInit(): void {
    this.reactions.register(this.onTransferFinished);
    this.reactions.register(this.onTransferReopened);
    this.diagnostics.registerGauges();
  }
}
