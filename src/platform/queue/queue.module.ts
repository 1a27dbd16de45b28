import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Module,
  type OnModuleInit,
  type Provider,
} from '@nestjs/common';
import { Environment } from '../config';
import { Log } from '../logging';
import { Metrics } from '../metrics';
import { bullModules, consumerToken, producerToken, type WakeUpQueue } from './bull-queues';
import { BullWakeUps } from './bull-wake-ups';
import { InProcessWakeUps } from './in-process-wake-ups';
import { RedisPolicy } from './redis-policy';
import { WakeUps } from './wake-ups';

/** Wakes the relay of a worker from a process without one. */
export const OUTBOX_QUEUE = 'outbox';

/** What a process wants to know of its queue before it starts. */
abstract class StartCheck {
  abstract check(): Promise<void>;
}

/**
 * Bull when there is a Redis, this process otherwise. The queues are named where the application is composed.
 */
@Module({})
export class QueueModule implements OnModuleInit, BeforeApplicationShutdown {
  constructor(
    private readonly wakeUps: WakeUps,
    private readonly start: StartCheck,
  ) {}

  static forRoot(environment: Environment, ofModules: readonly string[]): DynamicModule {
    const queues = [OUTBOX_QUEUE, ...ofModules];
    const consuming = environment.has('worker');
    return {
      module: QueueModule,
      global: true,
      imports: environment.redisUrl ? bullModules(environment.redisUrl, queues, consuming) : [],
      providers: environment.redisUrl ? throughBull(environment, queues, consuming) : inProcess(queues),
      exports: [WakeUps],
    };
  }

  async onModuleInit(): Promise<void> {
    await this.start.check();
  }

  /** Before the database closes: what runs still needs it. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.wakeUps.close();
  }
}

function inProcess(queues: readonly string[]): Provider[] {
  return [
    {
      provide: WakeUps,
      useFactory: (log: Log, metrics: Metrics) => new InProcessWakeUps(queues, log, metrics),
      inject: [Log, Metrics],
    },
    { provide: StartCheck, useValue: { check: () => Promise.resolve() } },
  ];
}

function throughBull(environment: Environment, queues: readonly string[], consuming: boolean): Provider[] {
  const tokens = [...queues.map(producerToken), ...(consuming ? queues.map(consumerToken) : [])];
  return [
    {
      provide: WakeUps,
      useFactory: (log: Log, metrics: Metrics, ...bull: WakeUpQueue[]) =>
        new BullWakeUps(
          queues.map((name, index) => ({
            name,
            producer: bull[index] as WakeUpQueue,
            consumer: bull[index + queues.length],
          })),
          log,
          metrics,
        ),
      inject: [Log, Metrics, ...tokens],
    },
    {
      provide: StartCheck,
      useFactory: (log: Log, queue: WakeUpQueue) => {
        const policy = new RedisPolicy(queue, environment.isProduction, log);
        return { check: () => policy.checkAtStart() };
      },
      inject: [Log, producerToken(OUTBOX_QUEUE)],
    },
  ];
}
