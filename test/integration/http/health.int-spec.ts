import { Global, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { UnitOfWork } from '../../../src/kernel/tx';
import { HealthModule, Readiness, RedisProbe } from '../../../src/platform/health';
import { configureHttp, fastifyAdapter } from '../../../src/platform/http';
import { testDatabase, type TestDatabase } from '../../support';
import { RecordingLog } from './support/recording-log';

class SwitchedRedis extends RedisProbe {
  answers = true;
  ping(): Promise<void> {
    return this.answers ? Promise.resolve() : Promise.reject(new Error('gone'));
  }
}

let db: TestDatabase;
let app: NestFastifyApplication;
const redis = new SwitchedRedis();

beforeEach(async () => {
  db = await testDatabase();
  redis.answers = true;
  @Global()
  @Module({
    providers: [
      { provide: UnitOfWork, useValue: db.uow },
      { provide: RedisProbe, useValue: redis },
    ],
    exports: [UnitOfWork, RedisProbe],
  })
  class Parts {}
  const module = await Test.createTestingModule({ imports: [Parts, HealthModule.register()] }).compile();
  app = module.createNestApplication<NestFastifyApplication>(fastifyAdapter(new RecordingLog()), {
    logger: false,
  });
  configureHttp(app, { docs: false });
  await app.init();
});
afterEach(async () => {
  await app.close();
  await db.close();
});

async function ask(url: string): Promise<[number, unknown]> {
  const answer = await app.inject({ url });
  return [answer.statusCode, answer.json()];
}

describe('health', () => {
  it('is degraded without Redis, which does not stop requests', async () => {
    redis.answers = false;
    expect(await ask('/health')).toEqual([503, { status: 'degraded', database: 'up', redis: 'down' }]);
    expect(await ask('/health/ready')).toEqual([200, { status: 'ok' }]);
  });

  it('is unhealthy and not ready without the database, but alive', async () => {
    await db.app.destroy();
    expect(await ask('/health')).toEqual([503, { status: 'unhealthy', database: 'down', redis: 'up' }]);
    expect(await ask('/health/ready')).toEqual([503, { status: 'not_ready' }]);
    expect(await ask('/health/live')).toEqual([200, { status: 'ok' }]);
    await db.app.initialize();
  });

  it('is not ready from the first moment of a stop', async () => {
    app.get(Readiness).onModuleDestroy();
    expect(await ask('/health/ready')).toEqual([503, { status: 'not_ready' }]);
    expect(await ask('/health/live')).toEqual([200, { status: 'ok' }]);
  });
});
