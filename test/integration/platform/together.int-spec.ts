import { randomUUID } from 'node:crypto';
import { Test, type TestingModule } from '@nestjs/testing';
import { UnitOfWork } from '../../../src/kernel/tx';
import { ConfigModule, readEnvironment } from '../../../src/platform/config';
import { CryptoModule } from '../../../src/platform/crypto';
import { DatabaseModule } from '../../../src/platform/database';
import { Log } from '../../../src/platform/logging';
import { LoggingModule } from '../../../src/platform/logging';
import { Metrics, MetricsModule } from '../../../src/platform/metrics';
import { Outbox, OutboxModule, EventSubscriptions } from '../../../src/platform/outbox';
import { QueueModule, WakeUps } from '../../../src/platform/queue';
import { Schedule, ScheduleModule } from '../../../src/platform/schedule';
import { testDatabase, type TestDatabase } from '../../support';
import { testRedisUrl } from '../../support/servers';
import { RecordingHandler, numbered } from './outbox/outbox-bench';
import { PlatformStubs } from './platform-stubs';
import { QuietLog } from './quiet-log';
import { until } from './until';

describe('the platform modules, wired as in the application', () => {
  let database: TestDatabase;
  const opened: TestingModule[] = [];
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterEach(async () => {
    for (const module of opened.splice(0)) await module.close();
  });
  afterAll(() => database.close());

  async function start(
    roles: string,
    listener: RecordingHandler,
    extra: Record<string, string> = {},
  ): Promise<TestingModule> {
    const e = readEnvironment({
      ...PlatformStubs.variables(),
      DATABASE_URL: database.urls.app,
      DATABASE_SYSTEM_URL: database.urls.system,
      ROLES: roles,
      ...extra,
    });
    const builder = Test.createTestingModule({
      imports: [
        ConfigModule.forRoot(e),
        LoggingModule,
        MetricsModule,
        CryptoModule,
        DatabaseModule.forRoot({ appUrl: e.databaseUrl, systemUrl: e.databaseSystemUrl, rows: [] }),
        QueueModule.forRoot(e, ['transfers']),
        OutboxModule,
        ScheduleModule,
      ],
    });
    const module = await builder.overrideProvider(Log).useValue(new QuietLog()).compile();
    module.get<EventSubscriptions>(EventSubscriptions, { strict: false }).register(listener);
    opened.push(module);
    return module.init();
  }

  it('deliver an event of an api process in a worker process, woken through Redis', async () => {
    const listener = new RecordingHandler('test.listener', ['thing.happened']);
    // Polls too rarely to be the reason for the delivery.
    const patient = { REDIS_URL: testRedisUrl(), OUTBOX_POLL_MS: '60000' };
    const api = await start('api', new RecordingHandler('test.listener', ['thing.happened']), patient);
    await start('worker', listener, patient);
    await until(() => api.get<WakeUps>(WakeUps, { strict: false }).status().connected);
    await api
      .get<UnitOfWork>(UnitOfWork, { strict: false })
      .run(database.newTenant(), (tx) => api.get<Outbox>(Outbox, { strict: false }).publish(tx, numbered(1)));
    await until(() => listener.received.length === 1);
  });

  it('work in one process without Redis, and export their metrics', async () => {
    const listener = new RecordingHandler(`test.${randomUUID()}`, ['thing.happened']);
    const all = await start('api,scheduler,worker', listener);
    await all
      .get<UnitOfWork>(UnitOfWork, { strict: false })
      .run(database.newTenant(), (tx) => all.get<Outbox>(Outbox, { strict: false }).publish(tx, numbered(3)));
    await until(() => listener.received.length === 3);
    const schedule = all.get<Schedule>(Schedule, { strict: false });
    await until(async () => (await schedule.list()).every(({ lastSuccessAt }) => lastSuccessAt !== null));
    expect((await schedule.list()).map(({ name }) => name).sort()).toEqual([
      'purge-outbox',
      'purge-scheduled-runs',
    ]);
    const names = [
      'disburse_outbox_pending',
      'disburse_outbox_delivered_total',
      'disburse_scheduled_runs_total',
      'process_resident_memory_bytes',
    ];
    // An event is counted only once it is marked as delivered.
    await until(async () => {
      const figures = await all.get<Metrics>(Metrics, { strict: false }).registry.metrics();
      return names.every((name) => figures.includes(name));
    });
  });
});
