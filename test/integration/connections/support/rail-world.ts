import { Global, Module, type Provider } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { InjectOptions } from 'light-my-request';
import type { TenantId } from '../../../../src/kernel/ids';
import { AccessEpochs } from '../../../../src/kernel/access-epochs';
import { UnitOfWork } from '../../../../src/kernel/tx';
import { PostgresAccessEpochs } from '../../../../src/platform/database';
import { ConnectionsModule } from '../../../../src/modules/connections';
import { ApiKeys, IdentityModule } from '../../../../src/modules/identity';
import { RecipientsModule } from '../../../../src/modules/recipients';
import { RecipientRow } from '../../../../src/modules/recipients/infrastructure/persistence/recipient.row';
import { Tenancy, TenancyModule } from '../../../../src/modules/tenancy';
import { ConfigModule, Environment } from '../../../../src/platform/config';
import { ListResponseCacheModule } from '../../../../src/platform/pagination';
import { CryptoModule } from '../../../../src/platform/crypto';
import { sql } from '../../../../src/platform/database';
import { configureHttp, fastifyAdapter } from '../../../../src/platform/http';
import { ApiModule } from '../../../../src/platform/api';
import { Log } from '../../../../src/platform/logging';
import { Metrics } from '../../../../src/platform/metrics';
import { Outbox, EventSubscriptions } from '../../../../src/platform/outbox';
import { type RunSummary, Schedule, type ScheduledJob } from '../../../../src/platform/schedule';
import { type Simulator, startSimulator } from '../../../../src/simulator';
import {
  declaredScopes,
  IDENTITY_TESTED,
  IdentityFixture,
  testDatabase,
  type TestDatabase,
} from '../../../support';
import { ManualOutbox } from './manual-outbox';

export interface Caller {
  readonly tenant: TenantId;
  readonly apiKey: string;
}

/**
 * One installation with the connections and recipients of several tenants, in front of a simulated Stripe.
 */
export class RailWorld {
  readonly logged: string[];

  private constructor(
    readonly db: TestDatabase,
    readonly stripe: Simulator,
    readonly app: NestFastifyApplication,
    readonly outbox: ManualOutbox,
    private readonly schedule: HandRunSchedule,
    log: RecordedLog,
  ) {
    this.logged = log.lines;
  }

  static async start(): Promise<RailWorld> {
    const db = await testDatabase({ rows: [RecipientRow], limits: { lockTimeoutMs: 2_000 } });
    const stripe = await startSimulator({ auto_register: false, webhook_retry_ms: [] });
    const outbox = new ManualOutbox(db.uow);
    const schedule = new HandRunSchedule();
    const log = new RecordedLog();
    const app = await startApp(stripe, log, [
      { provide: UnitOfWork, useValue: db.uow },
      { provide: AccessEpochs, useClass: PostgresAccessEpochs },
      { provide: Outbox, useValue: outbox },
      { provide: EventSubscriptions, useValue: outbox },
      { provide: Schedule, useValue: schedule },
      { provide: Log, useValue: log },
      { provide: Metrics, useValue: new Metrics() },
    ]);
    return new RailWorld(db, stripe, app, outbox, schedule, log);
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.stripe.close();
    await this.db.close();
  }

  /** A new tenant with a key for everything, or for these scopes. */
  async caller(scopes = ['*']): Promise<Caller> {
    const { id: tenant } = await this.app.get(Tenancy, { strict: false }).create('Acme');
    const { secret } = await this.app.get(ApiKeys, { strict: false }).create(tenant, 'test', scopes);
    return { tenant, apiKey: secret };
  }

  /** A new tenant with a Stripe account of its own, connected through the API. */
  async connected(
    balances: Record<string, number> = {},
  ): Promise<Caller & { secretKey: string; accountId: string; railAccountId: string }> {
    const caller = await this.caller();
    const secretKey = `sk_test_sim_${caller.tenant.replaceAll('-', '')}`;
    const { account_id: accountId } = await this.stripe.registerPlatform({ secret_key: secretKey, balances });
    const answer = await this.send(caller, {
      method: 'PUT',
      url: '/api/v1/connections/stripe',
      payload: { secret_key: secretKey },
    });
    if (answer.statusCode !== 200) throw new Error(`not connected: ${answer.body}`);
    return { ...caller, secretKey, accountId, railAccountId: answer.json<{ id: string }>().id };
  }

  send(caller: Caller | null, request: InjectOptions): ReturnType<NestFastifyApplication['inject']> {
    return this.app.inject({
      ...request,
      headers: { ...(caller ? { 'x-api-key': caller.apiKey } : {}), ...request.headers },
    });
  }

  rows<Row>(tenant: TenantId, text: string, values: unknown[] = []): Promise<Row[]> {
    return this.db.uow.run(tenant, (tx) => sql(tx).rows<Row>({ text, values }));
  }

  runJob(name: string, tenant?: TenantId): Promise<RunSummary> {
    return this.schedule.runJob(name, tenant);
  }
}

async function startApp(stripe: Simulator, log: Log, providers: Provider[]): Promise<NestFastifyApplication> {
  @Global()
  @Module({ providers, exports: providers })
  class Ground {}

  const environment = Object.assign(new Environment(), {
    ...IDENTITY_TESTED,
    stripeApiBase: stripe.url,
    transferCallDeadlineMs: 1_000,
    encryptionKeys: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
    cursorSecret: 'a secret of cursors with 32 bytes or more',
  });
  const http = ApiModule.register({ useFactory: () => ({ cursorSecret: environment.cursorSecret }) });
  const module = await Test.createTestingModule({
    imports: [
      Ground,
      ConfigModule.forRoot(environment),
      CryptoModule,
      http,
      IdentityFixture.with(environment),
      ListResponseCacheModule,
      TenancyModule,
      declaredScopes,
      IdentityModule,
      ConnectionsModule,
      RecipientsModule,
    ],
  }).compile();
  const app = module.createNestApplication<NestFastifyApplication>(fastifyAdapter(log), { logger: false });
  configureHttp(app);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}

class RecordedLog extends Log {
  readonly lines: string[] = [];

  private keep(event: string, fields: unknown): void {
    this.lines.push(`${event} ${JSON.stringify(fields)}`);
  }
  debug = (event: string, fields?: unknown): void => this.keep(event, fields);
  info = (event: string, fields?: unknown): void => this.keep(event, fields);
  warn = (event: string, fields?: unknown): void => this.keep(event, fields);
  error = (event: string, fields?: unknown): void => this.keep(event, fields);
}

/** Runs a job when the test says so. */
class HandRunSchedule extends Schedule {
  private readonly jobs = new Map<string, ScheduledJob>();

  register(job: ScheduledJob): void {
    this.jobs.set(job.name, job);
  }

  runJob(name: string, tenant?: TenantId): Promise<RunSummary> {
    const job = this.jobs.get(name);
    if (!job) throw new Error(`no job ${name}`);
    return job.run({ tenant });
  }

  chosen(): never {
    throw new Error('a test runs one job by name');
  }

  runNow(): never {
    throw new Error('a test runs one job by name');
  }

  list(): never {
    throw new Error('a test keeps no history of runs');
  }
}
