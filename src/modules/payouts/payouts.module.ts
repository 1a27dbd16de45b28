import { Module, type OnModuleInit } from '@nestjs/common';
import { EventSubscriptions } from '../../platform/outbox';
import { LedgerModule } from '../ledger';
import { RecipientsModule } from '../recipients';
import { TenancyModule } from '../tenancy';
import { TransfersModule } from '../transfers';
import { ChangePayout } from './application/change-payout';
import { CreatePayouts } from './application/create-payouts';
import { DispatchPayouts } from './application/dispatch-payouts';
import { FinalizePayouts } from './application/finalize-payouts';
import { ListPayoutEvents } from './application/list-payout-events.query';
import { ListPayouts } from './application/list-payouts.query';
import { OnPayoutCreated } from './application/on-payout-created';
import { OnTransferFinished } from './application/on-transfer-finished';
import { OnTransferReversed } from './application/on-transfer-reversed';
import { PayoutRepository } from './application/ports';
import { RailAccountCache } from './application/rail-account-cache';
import { SavePayouts } from './application/save-payouts';
import { BatchCreatePayouts } from './infrastructure/http/batch-create-payouts';
import { PayoutOperationsController } from './infrastructure/http/payout-operations.controller';
import { PayoutQueriesController } from './infrastructure/http/payout-queries.controller';
import { PayoutsController } from './infrastructure/http/payouts.controller';
import { PostgresPayoutRepository } from './infrastructure/persistence/postgres-payout-repository';

@Module({
  imports: [LedgerModule, RecipientsModule, TenancyModule, TransfersModule],
  controllers: [PayoutsController, PayoutQueriesController, PayoutOperationsController],
  providers: [
    BatchCreatePayouts,
    ChangePayout,
    CreatePayouts,
    DispatchPayouts,
    FinalizePayouts,
    ListPayoutEvents,
    ListPayouts,
    OnPayoutCreated,
    OnTransferFinished,
    OnTransferReversed,
    RailAccountCache,
    SavePayouts,
    { provide: PayoutRepository, useClass: PostgresPayoutRepository },
  ],
})
export class PayoutsModule implements OnModuleInit {
  constructor(
    private readonly subscriptions: EventSubscriptions,
    private readonly onPayoutCreated: OnPayoutCreated,
    private readonly onTransferFinished: OnTransferFinished,
    private readonly onTransferReversed: OnTransferReversed,
  ) {}

  onModuleInit(): void {
    this.subscriptions.register(this.onPayoutCreated);
    this.subscriptions.register(this.onTransferFinished);
    this.subscriptions.register(this.onTransferReversed);
  }
}
