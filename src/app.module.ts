import { type DynamicModule, Module } from '@nestjs/common';
import { modules } from './module-list';
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
import { DeclaredScopesModule } from './platform/module';
import { OutboxModule } from './platform/outbox';
import { QueueModule } from './platform/queue';
import { ScheduleModule } from './platform/schedule';

/** The composition root. Every process has every module; its roles (ROLES) decide what runs in it. */
@Module({})
export class AppModule {
  static forRoot(environment: Environment): DynamicModule {
    return { module: AppModule, imports: [...platform(environment), ...modules.nestModules] };
  }
}

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
      rows: modules.rows,
      migrations: modules.migrations,
    }),
    ApiModule.register({
      useFactory: () => ({
        cursorSecret: environment.cursorSecret,
        secureCookies: environment.secureCookies,
      }),
    }),
    DeclaredScopesModule.forRoot(modules.scopes),
    RateLimitModule,
    ListResponseCacheModule,
    HealthModule.register(),
    QueueModule.forRoot(environment, modules.queues),
    CacheModule,
    AuditModule,
    OutboxModule,
    ScheduleModule,
  ];
}
