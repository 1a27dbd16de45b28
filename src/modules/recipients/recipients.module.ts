import { Module, type OnModuleInit } from '@nestjs/common';
import { Reactions } from '../../platform/outbox';
import { ConnectionsModule } from '../connections';
import { ChoosePaymentMethod } from './application/choose-payment-method';
import { ConnectAccount } from './application/connect-account';
import { OnAccountEvent } from './application/on-account-event';
import { AccountReader, ConnectedAccounts, RecipientDirectory, RecipientStore } from './application/ports';
import { ReadWatched } from './application/read-watched';
import { Recipients } from './application/recipients.facade';
import { RefreshCapabilities } from './application/refresh-capabilities';
import { RegisterRecipient } from './application/register-recipient';
import { PaymentMethodsController } from './infrastructure/http/payment-methods.controller';
import { RecipientsController } from './infrastructure/http/recipients.controller';
import { ReadWatchedSchedule } from './infrastructure/jobs/read-watched.schedule';
import { SqlConnectedAccounts } from './infrastructure/persistence/sql-connected-accounts';
import { SqlRecipientDirectory } from './infrastructure/persistence/sql-recipient-directory';
import { TypeormRecipientStore } from './infrastructure/persistence/typeorm-recipient-store';
import { StripeCapabilityReader } from './infrastructure/stripe/stripe-capability-reader';

const adapters = [
  { provide: RecipientStore, useClass: TypeormRecipientStore },
  { provide: RecipientDirectory, useClass: SqlRecipientDirectory },
  { provide: ConnectedAccounts, useClass: SqlConnectedAccounts },
  { provide: AccountReader, useClass: StripeCapabilityReader },
];

@Module({
  imports: [ConnectionsModule],
  controllers: [RecipientsController, PaymentMethodsController],
  providers: [...adapters, ChoosePaymentMethod, ConnectAccount, OnAccountEvent, ReadWatched, RefreshCapabilities, RegisterRecipient, Recipients, ReadWatchedSchedule],
  exports: [Recipients],
})
export class RecipientsModule implements OnModuleInit {
  constructor(
    private readonly reactions: Reactions,
    private readonly onAccountEvent: OnAccountEvent,
  ) {}

  onModuleInit(): void {
    this.reactions.register(this.onAccountEvent);
  }
}
