import { Module, type OnModuleInit } from '@nestjs/common';
import { Environment } from '../../platform/config';
import { EventSubscriptions } from '../../platform/outbox';
import { LedgerModule } from '../ledger';
import { ConnectStripe } from './application/connect-stripe';
import { Connections } from './application/connections.facade';
import { ListFunding } from './application/list-funding.query';
import { OnFundsEvent } from './application/on-funds-event';
import { OpenWebhookEndpoint } from './application/open-webhook-endpoint';
import { PauseRailAccount } from './application/pause-rail-account';
import { PollFunding } from './application/poll-funding';
import {
  EventSignatures,
  FundingFactStore,
  ProviderAccountReader,
  ProviderEventStore,
  RailAccountStore,
  RailSecretStore,
  WebhookEndpointStore,
} from './application/ports';
import { ReceiveProviderEvent } from './application/receive-provider-event';
import { RecordFunding } from './application/record-funding';
import { RecordOperatorFunding } from './application/record-operator-funding';
import { ConnectionsController } from './infrastructure/http/connections.controller';
import { RailOperationsController } from './infrastructure/http/rail-operations.controller';
import { StripeWebhooksController } from './infrastructure/http/stripe-webhooks.controller';
import { FundingPollSchedule } from './infrastructure/jobs/funding-poll.schedule';
import { PostgresFundingFactStore } from './infrastructure/persistence/postgres-funding-fact-store';
import { PostgresProviderEventStore } from './infrastructure/persistence/postgres-provider-event-store';
import { PostgresRailAccountStore } from './infrastructure/persistence/postgres-rail-account-store';
import { PostgresWebhookEndpointStore } from './infrastructure/persistence/postgres-webhook-endpoint-store';
import { StripeAccountReader } from './infrastructure/stripe/stripe-account-reader';
import { StripeClients, StripeSettings } from './infrastructure/stripe/stripe-clients';
import { StripeEventSignatures } from './infrastructure/stripe/stripe-event-signatures';

const useCases = [
  ConnectStripe,
  ListFunding,
  OnFundsEvent,
  OpenWebhookEndpoint,
  PauseRailAccount,
  PollFunding,
  ReceiveProviderEvent,
  RecordFunding,
  RecordOperatorFunding,
];

const adapters = [
  { provide: RailAccountStore, useClass: PostgresRailAccountStore },
  { provide: RailSecretStore, useExisting: RailAccountStore },
  { provide: WebhookEndpointStore, useClass: PostgresWebhookEndpointStore },
  { provide: ProviderEventStore, useClass: PostgresProviderEventStore },
  { provide: FundingFactStore, useClass: PostgresFundingFactStore },
  { provide: EventSignatures, useClass: StripeEventSignatures },
  { provide: ProviderAccountReader, useClass: StripeAccountReader },
  {
    provide: StripeSettings,
    inject: [Environment],
    useFactory: (environment: Environment): StripeSettings => ({
      apiBase: environment.stripeApiBase ?? null,
      timeoutMs: environment.transferCallDeadlineMs,
    }),
  },
];

@Module({
  imports: [LedgerModule],
  controllers: [ConnectionsController, RailOperationsController, StripeWebhooksController],
  providers: [...useCases, ...adapters, StripeClients, Connections, FundingPollSchedule],
  exports: [Connections, StripeClients],
})
export class ConnectionsModule implements OnModuleInit {
  constructor(
    private readonly reactions: EventSubscriptions,
    private readonly onFundsEvent: OnFundsEvent,
  ) {}

  onModuleInit(): void {
    this.reactions.register(this.onFundsEvent);
  }
}
