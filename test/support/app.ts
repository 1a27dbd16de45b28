import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../../src/app.module';
import { systemActor } from '../../src/kernel/actor';
import type { TenantId } from '../../src/kernel/ids';
import { Connections } from '../../src/modules/connections';
import { ApiKeys } from '../../src/modules/identity';
import { Tenancy } from '../../src/modules/tenancy';
import { readEnvironment } from '../../src/platform/config';
import { configureHttp, fastifyAdapter, measureRequests } from '../../src/platform/http';
import { Metrics } from '../../src/platform/metrics';
import { createLogger, PinoLog } from '../../src/platform/logging';
import { type Simulator, startSimulator } from '../../src/simulator';
import { cloneDatabase, dropDatabase, type TestDatabase } from './database';
import { TestTenant } from './tenant';

export interface TestAppOptions {
  /** Environment variables that differ from those of a test. */
  readonly env?: Readonly<Record<string, string>>;
  /** Another application: two programs on one database and one provider. */
  readonly beside?: TestApp;
}

export interface TestApp {
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly urls: TestDatabase['urls'];
  readonly simulator: Simulator;
  /** A tenant with an API key of all scopes and a Stripe account of its own at the simulator. */
  tenant(options?: { balances?: Record<string, number>; scopes?: string[] }): Promise<TestTenant>;
  close(): Promise<void>;
}

/** No job runs by itself unless a test enables it; due work is found by an explicit run or by a wake-up. */
const QUIET = {
  NODE_ENV: 'test',
  PORT: '0',
  HOST: '127.0.0.1',
  LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
  DATABASE_POOL_MAX: '6',
  SETTLEMENT_EXPAND_EVERY_MS: '3600000',
  TRANSFER_SWEEP_EVERY_MS: '3600000',
  FUNDING_POLL_EVERY_MS: '3600000',
  TRANSFER_CALL_DEADLINE_MS: '1000',
  TRANSFER_LEASE_MS: '17000',
  TRANSFER_PACE_PER_SECOND: '5000',
  OUTBOX_POLL_MS: '100',
  AUTH_FAILURES_PER_MINUTE: '1000000',
  AUTH_REQUESTS_PER_MINUTE: '1000000',
};

/** The whole program in this process, on a database of its own and a simulator of its own. */
export async function startApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { beside } = options;
  const urls = beside?.urls ?? (await cloneDatabase());
  const simulator = beside?.simulator ?? (await startSimulator());
  const environment = readEnvironment({
    ...QUIET,
    DATABASE_URL: urls.app,
    DATABASE_SYSTEM_URL: urls.system,
    STRIPE_API_BASE: simulator.url,
    ENCRYPTION_KEYS: `t:${Buffer.alloc(32, 7).toString('base64')}`,
    TOKEN_KEYS: `t:${Buffer.alloc(32, 9).toString('base64')}`,
    LOGIN_TRIES_MAX: '1000',
    CURSOR_SECRET: 'a secret of tests, long enough for cursors',
    ...options.env,
  });
  const adapter = fastifyAdapter(new PinoLog(createLogger(environment.logLevel)), {
    bodyLimitBytes: environment.bodyLimitBytes,
    trustedProxies: environment.trustedProxies ?? false,
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(environment), adapter, {
    logger: false,
    abortOnError: false,
  });
  configureHttp(app);
  measureRequests(app, app.get(Metrics, { strict: false }));
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  return {
    app,
    url,
    urls,
    simulator,
    tenant: (given = {}) => newTenant(app, url, simulator, given),
    async close() {
      await app.close();
      if (beside) return;
      await simulator.close();
      await dropDatabase(urls);
    },
  };
}

async function newTenant(
  app: NestFastifyApplication,
  url: string,
  simulator: Simulator,
  given: { balances?: Record<string, number>; scopes?: string[] },
): Promise<TestTenant> {
  const name = `Tenant ${randomBytes(4).toString('hex')}`;
  const { id } = await app.get(Tenancy, { strict: false }).create(name);
  const { secret } = await app
    .get(ApiKeys, { strict: false })
    .create(id as TenantId, 'test', given.scopes ?? ['*']);
  const stripeKey = `sk_test_sim_${randomBytes(12).toString('hex')}`;
  await simulator.registerPlatform({
    secret_key: stripeKey,
    balances: given.balances ?? { usd: 1_000_000_00 },
  });
  await app.get(Connections, { strict: false }).connectStripe(id as TenantId, stripeKey, systemActor('test'));
  return new TestTenant(url, id as TenantId, secret, stripeKey, simulator);
}
