import { setTimeout as delay } from 'node:timers/promises';
import { BullModule, getQueueToken } from '@nestjs/bull';
import type { DynamicModule } from '@nestjs/common';
import type { JobOptions, Queue, QueueOptions } from 'bull';
import { redisOptions } from '../cache';

/** What a wake-up is in Redis. Untrusted when it comes back. */
export interface WakeUpData {
  readonly key: string;
}
export type WakeUpQueue = Queue<WakeUpData>;

const PREFIX = 'disburse';
const consumerOf = (queue: string) => `${queue}.consumer`;

/**
 * Two Bull queues on one name. The one that adds must say at once that Redis is away: with Bull's defaults
 * `add` then neither resolves nor rejects (measured: still pending after 35 s). The one that takes must wait
 * for Redis to come back.
 */
export function bullModules(url: string, queues: readonly string[], consuming: boolean): DynamicModule[] {
  const producers = queues.map((name) =>
    register(name, { name, prefix: PREFIX, redis: producerOptions(url) }),
  );
  const consumers = queues.map((name) =>
    register(consumerOf(name), {
      name,
      prefix: PREFIX,
      redis: consumerOptions(url),
      settings: { retryProcessDelay: 500 },
    }),
  );
  return consuming ? [...producers, ...consumers] : producers;
}

export function producerToken(queue: string): string {
  return getQueueToken(queue);
}

export function consumerToken(queue: string): string {
  return getQueueToken(consumerOf(queue));
}

/** For a factory: Nest hands Bull the options as they are, so that `name` may differ from the token. */
function register(token: string, options: QueueOptions & { name: string }): DynamicModule {
  return BullModule.registerQueueAsync({
    name: token,
    useFactory: () => ({ ...options, skipVersionCheck: true }),
  });
}

function producerOptions(url: string) {
  return { ...redisOptions(url), enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 1_000 };
}

/**
 * No time limit per command: Bull's blocking calls stand in line on one connection. BullConsumer sees when it
 * is dead.
 */
function consumerOptions(url: string) {
  return { ...redisOptions(url), maxRetriesPerRequest: null };
}

/**
 * Coalesced by `debounce`, not by a jobId: Bull drops an add silently while a job of that id exists, also one
 * that runs, and the wake-up would be lost (the handler has looked already). The consumer removes the
 * debounce key before it looks, so what comes later is a new job. The time limit is for the keys of jobs that
 * were lost: a worker that dies with one in its hand holds its account up for so long.
 */
const DEBOUNCE_TTL_MS = 5_000;

export function jobOptions(key: string): JobOptions {
  return {
    attempts: 1,
    removeOnComplete: true,
    removeOnFail: true,
    debounce: { id: key, ttl: DEBOUNCE_TTL_MS },
  };
}

export function debounceKey(queue: WakeUpQueue, key: string): string {
  return queue.toKey(`de:${key}`);
}

type Client = WakeUpQueue['client'];

/** Members of Bull that its types do not declare. */
export function internals(queue: WakeUpQueue): {
  readonly client: Client;
  readonly bclient: Client;
  readonly clients: Client[];
  _clearTimers(): Promise<void>;
} {
  return queue as unknown as ReturnType<typeof internals>;
}

const CLOSE_MAX_MS = 3_000;

/**
 * Handlers have ended by now. Bull's close waits for its blocking call, which never ends when Redis went away
 * a moment ago, so it gets a time limit and then loses its timers and connections. Nest closes the queue once
 * more: that must not wait again.
 */
export async function closeQueue(queue: WakeUpQueue): Promise<void> {
  const patience = new AbortController();
  const late = delay(CLOSE_MAX_MS, true, { signal: patience.signal }).catch(() => false);
  const forced = await Promise.race([queue.close().then(() => false), late]);
  patience.abort();
  if (forced) void internals(queue)._clearTimers();
  for (const client of internals(queue).clients) client.disconnect();
  Object.assign(queue, { close: () => Promise.resolve() });
}
