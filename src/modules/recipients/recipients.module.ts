import { Module, type OnModuleInit } from '@nestjs/common';
import { Environment } from '../../platform/config';
import { EventSubscriptions } from '../../platform/outbox';
import { ConnectionsModule } from '../connections';
import { ChoosePaymentMethod } from './application/choose-payment-method';
import { ConnectAccount } from './application/connect-account';
import { OnAccountEvent } from './application/on-account-event';
import { OpenAccount } from './application/open-account';
import {
  AccountOpenings,
  AccountReader,
  ConnectedAccounts,
  OnboardingGateway,
  RecipientDirectory,
  RecipientStore,
} from './application/ports';
import { ReadConnectStatus } from './application/read-connect-status';
import { ReadWatched } from './application/read-watched';
import { Recipients } from './application/recipients.facade';
import { RefreshCapabilities } from './application/refresh-capabilities';
import { RegisterRecipient } from './application/register-recipient';
import { StartOnboarding, OnboardingRules } from './application/start-onboarding';
import { WriteDestination } from './application/write-destination';
import { OpeningPolicy } from './domain/account-opening';
import { OnboardingController } from './infrastructure/http/onboarding.controller';
import { PaymentMethodsController } from './infrastructure/http/payment-methods.controller';
import { RecipientsController } from './infrastructure/http/recipients.controller';
import { ReadWatchedSchedule } from './infrastructure/jobs/read-watched.schedule';
import { PostgresAccountOpenings } from './infrastructure/persistence/postgres-account-openings';
import { PostgresConnectedAccounts } from './infrastructure/persistence/postgres-connected-accounts';
import { PostgresRecipientDirectory } from './infrastructure/persistence/postgres-recipient-directory';
import { PostgresRecipientStore } from './infrastructure/persistence/postgres-recipient-store';
import { StripeConnectedAccountReader } from './infrastructure/stripe/stripe-connected-account-reader';
import { StripeOnboardingGateway } from './infrastructure/stripe/stripe-onboarding-gateway';

function policy(env: Environment): OpeningPolicy {
  return {
    safeWindowMs: env.transferSafeWindowMs,
    quarantineMs: env.transferQuarantineMs,
    leaseMs: env.transferLeaseMs,
    callDeadlineMs: env.transferCallDeadlineMs,
  };
}

const adapters = [
  { provide: RecipientStore, useClass: PostgresRecipientStore },
  { provide: RecipientDirectory, useClass: PostgresRecipientDirectory },
  { provide: ConnectedAccounts, useClass: PostgresConnectedAccounts },
  { provide: AccountOpenings, useClass: PostgresAccountOpenings },
  { provide: AccountReader, useClass: StripeConnectedAccountReader },
  { provide: OnboardingGateway, useClass: StripeOnboardingGateway },
  { provide: OpeningPolicy, useFactory: policy, inject: [Environment] },
  {
    provide: OnboardingRules,
    useFactory: (env: Environment): OnboardingRules => ({ localAddresses: !env.isProduction }),
    inject: [Environment],
  },
];

@Module({
  imports: [ConnectionsModule],
  controllers: [RecipientsController, PaymentMethodsController, OnboardingController],
  providers: [
    ...adapters,
    ChoosePaymentMethod,
    ConnectAccount,
    OnAccountEvent,
    OpenAccount,
    ReadConnectStatus,
    ReadWatched,
    RefreshCapabilities,
    RegisterRecipient,
    Recipients,
    ReadWatchedSchedule,
    StartOnboarding,
    WriteDestination,
  ],
  exports: [Recipients],
})
export class RecipientsModule implements OnModuleInit {
  constructor(
    private readonly reactions: EventSubscriptions,
    private readonly onAccountEvent: OnAccountEvent,
  ) {}

  onModuleInit(): void {
    this.reactions.register(this.onAccountEvent);
  }
}
