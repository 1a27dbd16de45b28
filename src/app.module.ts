import { type DynamicModule, Module } from '@nestjs/common';
import { IdentityJobsModule, IdentityModule } from './modules/identity';
import { LedgerModule } from './modules/ledger';
import { ConnectionsModule } from './modules/connections';
import { OperationsModule } from './modules/operations';
import { PayoutsModule } from './modules/payouts';
import { RecipientRow, RecipientsModule } from './modules/recipients';
import { PayoutJobRow, SettlementRow, SETTLEMENTS_QUEUE, SettlementsModule } from './modules/settlements';
import { TenancyModule } from './modules/tenancy';
import { TRANSFERS_QUEUE, TransfersModule } from './modules/transfers';
import { migrations } from './migrations';
import { AuditModule } from './platform/audit';
import { CacheModule } from './platform/cache';
import { ConfigModule, Environment } from './platform/config';
import { CryptoModule } from './platform/crypto';
import { DatabaseModule } from './platform/database';
import { HealthModule } from './platform/health';
import { ApiModule } from './platform/api';
import { ListResponseCacheModule } from './platform/pagination';
import { RateLimitModule } from './platform/rate-limit';
import { LoggingModule } from './platform/logging';
import { MetricsModule } from './platform/metrics';
import { OutboxModule } from './platform/outbox';
import { QueueModule } from './platform/queue';
import { ScheduleModule } from './platform/schedule';

/** The composition root: the only file that names every module. One program, whatever roles it plays. */
@Module({})
export class AppModule {
  static forRoot(environment: Environment): DynamicModule {
    return { module: AppModule, imports: [...platform(environment), ...modules] };
  }
}

const modules = [
  TenancyModule,
  IdentityModule,
  IdentityJobsModule,
  LedgerModule,
  ConnectionsModule,
  RecipientsModule,
  TransfersModule,
  PayoutsModule,
  SettlementsModule,
  OperationsModule,
];
const rows = [RecipientRow, SettlementRow, PayoutJobRow];
const queues = [TRANSFERS_QUEUE, SETTLEMENTS_QUEUE];

function platform(environment: Environment) {
  return [
    ConfigModule.forRoot(environment),
    LoggingModule,
    MetricsModule,
    CryptoModule,
    DatabaseModule.forRoot({
      appUrl: environment.databaseUrl,
      systemUrl: environment.databaseSystemUrl,
      limits: { poolMax: environment.databasePoolMax },
      rows,
      migrations,
    }),
    ApiModule.register({
      useFactory: () => ({
        cursorSecret: environment.cursorSecret,
        secureCookies: environment.secureCookies,
      }),
    }),
    RateLimitModule,
    ListResponseCacheModule,
    HealthModule.register(),
    QueueModule.forRoot(environment, queues),
    CacheModule,
    AuditModule,
    OutboxModule,
    ScheduleModule,
  ];
}
