import { Module, type OnModuleInit } from '@nestjs/common';
import { EventSubscriptions } from '../../platform/outbox';
import { LedgerModule } from '../ledger';
import { RecipientsModule } from '../recipients';
import { TenancyModule } from '../tenancy';
import { TransfersModule } from '../transfers';
import { ChangePayout } from './application/change-payout';
import { CreatePayouts } from './application/create-payouts';
import { EndPayouts } from './application/end-payouts';
import { KeepPayouts } from './application/keep-payouts';
import { KnownRails } from './application/known-rails';
import { ListPayouts } from './application/list-payouts.query';
import { OnPayoutCreated } from './application/on-payout-created';
import { OnTransferFinished } from './application/on-transfer-finished';
import { OnTransferReversed } from './application/on-transfer-reversed';
import { PayoutStore } from './application/ports';
import { StartPayouts } from './application/start-payouts';
import { PayoutsController } from './infrastructure/http/payouts.controller';
import { PostgresPayoutStore } from './infrastructure/persistence/postgres-payout-store';

@Module({
  imports: [LedgerModule, RecipientsModule, TenancyModule, TransfersModule],
  controllers: [PayoutsController],
  providers: [
    ChangePayout,
    CreatePayouts,
    EndPayouts,
    KeepPayouts,
    KnownRails,
    ListPayouts,
    OnPayoutCreated,
    OnTransferFinished,
    OnTransferReversed,
    StartPayouts,
    { provide: PayoutStore, useClass: PostgresPayoutStore },
  ],
})
export class PayoutsModule implements OnModuleInit {
  constructor(
    private readonly reactions: EventSubscriptions,
    private readonly onPayoutCreated: OnPayoutCreated,
    private readonly onTransferFinished: OnTransferFinished,
    private readonly onTransferReversed: OnTransferReversed,
  ) {}

  onModuleInit(): void {
    for (const reaction of [this.onPayoutCreated, this.onTransferFinished, this.onTransferReversed])
      this.reactions.register(reaction);
  }
}
