import { Module, type OnModuleInit } from '@nestjs/common';
import { ProviderCallPolicy } from '../../kernel/provider-calls';
import { Environment } from '../../platform/config';
import { EventSubscriptions } from '../../platform/outbox';
import { ConnectionsModule } from '../connections';
import { ChoosePaymentMethod } from './application/choose-payment-method';
import { ConnectAccount } from './application/connect-account';
import { ConnectOpenedAccount } from './application/connect-opened-account';
import { OnAccountEvent } from './application/on-account-event';
import { OpenAccount } from './application/open-account';
import {
  AccountOpeningRepository,
  AccountReader,
  ConnectedAccountStore,
  OnboardingGateway,
  RecipientReadStore,
  RecipientRepository,
} from './application/ports';
import { ReadConnectStatus } from './application/read-connect-status';
import { ReadWatched } from './application/read-watched';
import { Recipients } from './application/recipients.facade';
import { RefreshCapabilities } from './application/refresh-capabilities';
import { RegisterRecipient } from './application/register-recipient';
import { StartOnboarding, OnboardingRules } from './application/start-onboarding';
import { WriteDestination } from './application/write-destination';
import { OnboardingController } from './infrastructure/http/onboarding.controller';
import { PaymentMethodsController } from './infrastructure/http/payment-methods.controller';
import { RecipientsController } from './infrastructure/http/recipients.controller';
import { ReadWatchedSchedule } from './infrastructure/jobs/read-watched.schedule';
import { PostgresAccountOpeningRepository } from './infrastructure/persistence/postgres-account-opening-repository';
import { PostgresConnectedAccountStore } from './infrastructure/persistence/postgres-connected-account-store';
import { PostgresRecipientReadStore } from './infrastructure/persistence/postgres-recipient-read-store';
import { PostgresRecipientRepository } from './infrastructure/persistence/postgres-recipient-repository';
import { StripeConnectedAccountReader } from './infrastructure/stripe/stripe-connected-account-reader';
import { StripeOnboardingGateway } from './infrastructure/stripe/stripe-onboarding-gateway';

function policy(env: Environment): ProviderCallPolicy {
  return {
    safeWindowMs: env.transferSafeWindowMs,
    quarantineMs: env.transferQuarantineMs,
    leaseMs: env.transferLeaseMs,
    callDeadlineMs: env.transferCallDeadlineMs,
  };
}

const adapters = [
  { provide: RecipientRepository, useClass: PostgresRecipientRepository },
  { provide: RecipientReadStore, useClass: PostgresRecipientReadStore },
  { provide: ConnectedAccountStore, useClass: PostgresConnectedAccountStore },
  { provide: AccountOpeningRepository, useClass: PostgresAccountOpeningRepository },
  { provide: AccountReader, useClass: StripeConnectedAccountReader },
  { provide: OnboardingGateway, useClass: StripeOnboardingGateway },
  { provide: ProviderCallPolicy, useFactory: policy, inject: [Environment] },
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
    ConnectOpenedAccount,
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
    private readonly subscriptions: EventSubscriptions,
    private readonly onAccountEvent: OnAccountEvent,
  ) {}

  onModuleInit(): void {
    this.subscriptions.register(this.onAccountEvent);
  }
}
