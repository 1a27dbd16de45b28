import { Global, Module, type Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { FastifyInstance } from 'fastify';
import type { InjectOptions } from 'light-my-request';
import { Client } from 'pg';
import type { TenantId } from '../../../../src/kernel/ids';
import { AccessEpochs } from '../../../../src/kernel/access-epochs';
import { UnitOfWork } from '../../../../src/kernel/tx';
import { ApiKeys, IdentityModule } from '../../../../src/modules/identity';
import { Tenancy, TenancyModule } from '../../../../src/modules/tenancy';
import {
  tenantRowSecurity,
  moduleSchema,
  PostgresAccessEpochs,
  type PoolLimits,
} from '../../../../src/platform/database';
import { HealthModule } from '../../../../src/platform/health';
import { configureHttp, fastifyAdapter, type HttpLimits } from '../../../../src/platform/http';
import { ApiModule } from '../../../../src/platform/api';
import { Log } from '../../../../src/platform/logging';
import { declaredScopes, IdentityFixture, testDatabase, type TestDatabase } from '../../../support';
import { ProbeController } from './probe.controller';
import { RecordingLog } from './recording-log';

export interface Caller {
  readonly tenant: TenantId;
  readonly keyId: string;
  readonly secret: string;
}

export interface TestApp {
  readonly app: NestFastifyApplication;
  readonly db: TestDatabase;
  readonly log: RecordingLog;
  /** A new tenant with a key; `scopes` is everything unless said. */
  caller(scopes?: string[]): Promise<Caller>;
  /** A request as this caller, with a body of JSON text or of an object. */
  send(caller: Caller | null, request: InjectOptions): ReturnType<NestFastifyApplication['inject']>;
  effects(tenant: TenantId): Promise<bigint>;
  close(): Promise<void>;
}

export interface TestAppOptions {
  readonly limits?: Partial<HttpLimits>;
  readonly pool?: Partial<PoolLimits>;
  readonly controllers?: Type[];
  readonly modules?: Type[];
  readonly beforeInit?: (server: FastifyInstance) => unknown;
}

export async function testApp(options: TestAppOptions = {}): Promise<TestApp> {
  const db = await testDatabase({ limits: options.pool });
  await addProbeTable(db);
  const log = new RecordingLog();
  const app = await startApp(db, log, options);
  const tenancy = app.get(Tenancy, { strict: false });
  const keys = app.get(ApiKeys, { strict: false });
  return {
    app,
    db,
    log,
    async caller(scopes = ['*']) {
      const { id: tenant } = await tenancy.create('Acme');
      const { id: keyId, secret } = await keys.create(tenant, 'test', scopes);
      return { tenant, keyId, secret };
    },
    send: (caller, request) =>
      app.inject({
        ...request,
        headers: { ...(caller ? { 'x-api-key': caller.secret } : {}), ...request.headers },
      }),
    effects: (tenant) => countEffects(db, tenant),
    async close() {
      await app.close();
      await db.close();
    },
  };
}

async function startApp(
  db: TestDatabase,
  log: RecordingLog,
  { limits, controllers = [], modules = [], beforeInit }: TestAppOptions,
): Promise<NestFastifyApplication> {
  @Global()
  @Module({
    providers: [
      { provide: UnitOfWork, useValue: db.uow },
      { provide: AccessEpochs, useClass: PostgresAccessEpochs },
      { provide: Log, useValue: log },
    ],
    exports: [UnitOfWork, AccessEpochs, Log],
  })
  class Database {}

  const http = ApiModule.register({
    useFactory: () => ({ cursorSecret: 'a secret of cursors with 32 bytes or more' }),
  });
  const module = await Test.createTestingModule({
    imports: [
      Database,
      http,
      IdentityFixture.with(),
      TenancyModule,
      declaredScopes,
      IdentityModule,
      HealthModule.register(),
      ...modules,
    ],
    controllers: [ProbeController, ...controllers],
  }).compile();
  const app = module.createNestApplication<NestFastifyApplication>(fastifyAdapter(log, limits), {
    logger: false,
  });
  configureHttp(app);
  beforeInit?.(app.getHttpAdapter().getInstance());
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}

async function addProbeTable(db: TestDatabase): Promise<void> {
  const owner = new Client({ connectionString: db.urls.owner });
  await owner.connect();
  const statements = [
    ...moduleSchema('probe'),
    `CREATE TABLE probe.effects (id bigserial PRIMARY KEY, tenant_id uuid NOT NULL)`,
    `GRANT USAGE ON SEQUENCE probe.effects_id_seq TO disburse_app`,
    ...tenantRowSecurity({ table: 'probe.effects', app: ['INSERT'] }),
  ];
  for (const statement of statements) await owner.query(statement);
  await owner.end();
}

async function countEffects(db: TestDatabase, tenant: TenantId): Promise<bigint> {
  const admin = new Client({ connectionString: db.urls.admin });
  await admin.connect();
  try {
    const { rows } = await admin.query<{ n: bigint }>(
      'SELECT count(*) AS n FROM probe.effects WHERE tenant_id = $1',
      [tenant],
    );
    return rows[0]?.n ?? 0n;
  } finally {
    await admin.end();
  }
}
