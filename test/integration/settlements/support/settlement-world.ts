import { type Abstract, Global, Module, type Provider } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { InjectOptions } from 'light-my-request';
import { newId, type TenantId } from '../../../../src/kernel/ids';
import { AccessEpochs } from '../../../../src/kernel/access-epochs';
import { UnitOfWork } from '../../../../src/kernel/tx';
import { PostgresAccessEpochs } from '../../../../src/platform/database';
import { ApiKeys, IdentityModule } from '../../../../src/modules/identity';
import { type AccountKind, Ledger, type LedgerVerification } from '../../../../src/modules/ledger';
import { OperationsModule } from '../../../../src/modules/operations';
import { PayoutJobRow } from '../../../../src/modules/settlements/infrastructure/persistence/payout-job.row';
import { SettlementRow } from '../../../../src/modules/settlements/infrastructure/persistence/settlement.row';
import { RecipientRow } from '../../../../src/modules/recipients/infrastructure/persistence/recipient.row';
import { SETTLEMENTS_QUEUE, SettlementsModule } from '../../../../src/modules/settlements';
import { Tenancy, TenancyModule } from '../../../../src/modules/tenancy';
import { TokenBucket } from '../../../../src/platform/cache';
import { ConfigModule, Environment } from '../../../../src/platform/config';
import { ListResponseCacheModule } from '../../../../src/platform/pagination';
import { CryptoModule } from '../../../../src/platform/crypto';
import { sql } from '../../../../src/platform/database';
import { configureHttp, fastifyAdapter } from '../../../../src/platform/http';
import { ApiModule } from '../../../../src/platform/api';
import { Log } from '../../../../src/platform/logging';
import { Metrics } from '../../../../src/platform/metrics';
import { Outbox, EventSubscriptions } from '../../../../src/platform/outbox';
import { WakeUps } from '../../../../src/platform/queue';
import { type RunSummary, Schedule } from '../../../../src/platform/schedule';
import { type Simulator, startSimulator } from '../../../../src/simulator';
import {
  declaredScopes,
  IDENTITY_TESTED,
  IdentityFixture,
  testDatabase,
  type TestDatabase,
} from '../../../support';
import { ManualOutbox } from '../../connections/support/manual-outbox';
import { QuietLog } from '../../platform/quiet-log';
import { ManualWakeUps, ManualSchedule, UnboundedBucket } from './manual-drivers';
import type { SentResponse, ResponseBody } from './responses';

export interface Caller {
  readonly tenant: TenantId;
  readonly apiKey: string;
}

const CURSOR_SECRET = 'a secret of cursors with 32 bytes or more';

/** The module with a real PostgreSQL. Tests send HTTP requests, run jobs and deliver wake-ups themselves. */
export class SettlementWorld {
  private constructor(
    readonly db: TestDatabase,
    readonly app: NestFastifyApplication,
    readonly stripe: Simulator,
    readonly outbox: ManualOutbox,
    readonly wakeUps: ManualWakeUps,
    readonly log: QuietLog,
    private readonly schedule: ManualSchedule,
  ) {}

  static async start(settings: Partial<Environment> = {}): Promise<SettlementWorld> {
    const db = await testDatabase({ rows: [PayoutJobRow, RecipientRow, SettlementRow] });
    const stripe = await startSimulator({ auto_register: false, webhook_retry_ms: [] });
    const [outbox, schedule, wakeUps, log] = [
      new ManualOutbox(db.uow),
      new ManualSchedule(),
      new ManualWakeUps(),
      new QuietLog(),
    ];
    const app = await startApp({ stripeApiBase: stripe.url, ...settings }, log, [
      { provide: UnitOfWork, useValue: db.uow },
      { provide: AccessEpochs, useClass: PostgresAccessEpochs },
      { provide: Outbox, useValue: outbox },
      { provide: EventSubscriptions, useValue: outbox },
      { provide: Schedule, useValue: schedule },
      { provide: WakeUps, useValue: wakeUps },
      { provide: TokenBucket, useClass: UnboundedBucket },
      { provide: Log, useValue: log },
      { provide: Metrics, useValue: new Metrics() },
    ]);
    return new SettlementWorld(db, app, stripe, outbox, wakeUps, log, schedule);
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.stripe.close();
    await this.db.close();
  }

  /** A new tenant with an API key for these scopes. */
  async caller(scopes = ['*']): Promise<Caller> {
    const { id: tenant } = await this.app.get(Tenancy, { strict: false }).create('Acme');
    const { secret } = await this.app.get(ApiKeys, { strict: false }).create(tenant, 'test', scopes);
    return { tenant, apiKey: secret };
  }

  /** Another key of the same tenant. */
  async colleague({ tenant }: Caller, scopes = ['*']): Promise<Caller> {
    const { secret } = await this.app.get(ApiKeys, { strict: false }).create(tenant, 'colleague', scopes);
    return { tenant, apiKey: secret };
  }

  /** Sets the approval limit of the tenant; null removes it. */
  async limit(caller: Caller, amount: string | null, currency = 'USD'): Promise<void> {
    const limits = amount === null ? [] : [{ amount, currency }];
    const { status, body } = await this.send(caller, 'PUT', 'tenant/settings', {
      allowed_currencies: ['EUR', 'USD'],
      max_attempts: 3,
      approval_above: limits,
    });
    if (status !== 200) throw new Error(`no limit: ${JSON.stringify(body)}`);
  }

  approve(
    caller: Caller,
    { id, result_hash }: Pick<ResponseBody, 'id' | 'result_hash'>,
    key?: string,
  ): Promise<SentResponse> {
    return this.post(caller, `settlements/${id}/approve`, { plan_hash: result_hash }, key);
  }

  /** A new tenant with a Stripe account. */
  async payer(): Promise<Caller> {
    const caller = await this.caller();
    await this.connect(caller);
    return caller;
  }

  async connect(caller: Caller): Promise<void> {
    const secret_key = `sk_test_sim_${caller.tenant.replaceAll('-', '')}`;
    await this.stripe.registerPlatform({ secret_key, balances: {} });
    const { status, body } = await this.send(caller, 'PUT', 'connections/stripe', { secret_key });
    if (status !== 200) throw new Error(`not connected: ${JSON.stringify(body)}`);
  }

  /** Recipients user-1 to user-n; responses their ids in that order. */
  async recipients({ tenant }: Caller, count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, () => newId());
    const text = `INSERT INTO recipients.recipients (tenant_id, id, type, name, country, external_id,
      is_active, metadata, created_at, updated_at)
                  SELECT $1, r.id, 'INDIVIDUAL', 'User ' || r.n, 'DE', 'user-' || r.n, true, '{}', now(),
                    now() FROM unnest($2::uuid[]) WITH ORDINALITY r(id, n)`;
    await this.db.uow.run(tenant, (tx) => sql(tx).count({ text, values: [tenant, ids] }));
    return ids;
  }

  async send(
    caller: Caller | null,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH',
    path: string,
    payload?: object,
    headers: Record<string, string> = {},
  ): Promise<SentResponse> {
    const key = caller ? { 'x-api-key': caller.apiKey } : {};
    const request: InjectOptions = {
      method,
      url: path.startsWith('/') ? path : `/api/v1/${path}`,
      payload,
      headers: { ...key, ...headers },
    };
    const response = await this.app.inject(request);
    return { status: response.statusCode, body: response.json<ResponseBody>(), headers: response.headers };
  }

  /** A POST with a new idempotency key, or with this one. */
  post(caller: Caller, path: string, payload: object, key: string = newId()): Promise<SentResponse> {
    return this.send(caller, 'POST', path, payload, { 'idempotency-key': key });
  }

  async record(caller: Caller, awards: readonly object[], facts: object = {}): Promise<SentResponse> {
    const settlement = { contest_id: newId(), currency: 'USD', platform_share: '0', awards, ...facts };
    const pool = (settlement as { pool?: string }).pool ?? totalOf(awards as { amount: string }[]);
    return this.post(caller, 'settlements', { pool, ...settlement });
  }

  async stream(
    caller: Caller,
    lines: string,
    query: Record<string, string>,
    { key = newId(), type = 'application/x-ndjson' } = {},
  ): Promise<SentResponse> {
    const parameters = new URLSearchParams({ contest_id: newId(), currency: 'USD', ...query });
    const url = `/api/v1/settlements/stream?${parameters.toString()}`;
    const response = await this.app.inject({
      method: 'POST',
      url,
      payload: lines,
      headers: { 'x-api-key': caller.apiKey, 'content-type': type, 'idempotency-key': key },
    });
    return { status: response.statusCode, body: response.json<ResponseBody>(), headers: response.headers };
  }

  settlement(caller: Caller, id: string): Promise<SentResponse> {
    return this.send(caller, 'GET', `settlements/${id}`);
  }

  run(job: string, tenant?: TenantId): Promise<RunSummary> {
    return this.schedule.run(job, tenant);
  }

  /** Wake-ups of streams and large cancellations. */
  woken(): Promise<number> {
    return this.wakeUps.deliver(SETTLEMENTS_QUEUE);
  }

  rows<Row>({ tenant }: Caller, text: string, values: unknown[] = []): Promise<Row[]> {
    return this.db.uow.run(tenant, (tx) => sql(tx).rows<Row>({ text, values }));
  }

  async count(caller: Caller, table: string): Promise<number> {
    const [row] = await this.rows<{ n: bigint }>(caller, `SELECT count(*) AS n FROM ${table}`);
    return Number(row?.n);
  }

  async balance(
    { tenant }: Caller,
    kind: AccountKind,
    owner: string | null = null,
    currency = 'USD',
  ): Promise<bigint> {
    const purpose = kind === 'payable' || kind === 'reserved' ? 'award' : null;
    const [minor] = await this.db.uow.run(tenant, (tx) =>
      this.get(Ledger).balancesOf(tx, [{ kind, owner, purpose, currency }]),
    );
    return minor as bigint;
  }

  verify({ tenant }: Caller): Promise<LedgerVerification> {
    return this.db.uow.run(tenant, (tx) => this.get(Ledger).verify(tx));
  }

  get<T>(token: Abstract<T>): T {
    return this.app.get<T, T>(token, { strict: false });
  }
}

function totalOf(awards: readonly { amount: string }[]): string {
  const cents = awards
    .reduce((sum, { amount }) => sum + BigInt(amount.replace('.', '')), 0n)
    .toString()
    .padStart(3, '0');
  return `${cents.slice(0, -2)}.${cents.slice(-2)}`;
}

async function startApp(
  settings: Partial<Environment>,
  log: Log,
  providers: Provider[],
): Promise<NestFastifyApplication> {
  @Global()
  @Module({ providers, exports: providers })
  class TestProviders {}

  const fixed = {
    ...IDENTITY_TESTED,
    encryptionKeys: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
    cursorSecret: CURSOR_SECRET,
    transferCallDeadlineMs: 1_000,
  };
  const environment = Object.assign(new Environment(), fixed, settings);
  const http = ApiModule.register({ useFactory: () => ({ cursorSecret: environment.cursorSecret }) });
  const module = await Test.createTestingModule({
    imports: [
      TestProviders,
      ConfigModule.forRoot(environment),
      CryptoModule,
      http,
      IdentityFixture.with(environment),
      ListResponseCacheModule,
      TenancyModule,
      declaredScopes,
      IdentityModule,
      SettlementsModule,
      OperationsModule,
    ],
  }).compile();
  const app = module.createNestApplication<NestFastifyApplication>(fastifyAdapter(log), { logger: false });
  configureHttp(app);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}
