import { setTimeout as delay } from 'node:timers/promises';
import type { BeforeApplicationShutdown, OnModuleDestroy } from '@nestjs/common';

/**
 * Reports "not ready" as soon as a stop begins, and delays the stop for `drainMs`, so that load balancers notice;
 * then Nest closes the listener. The server finishes the requests in progress.
 */
export class Readiness implements OnModuleDestroy, BeforeApplicationShutdown {
  private stopping = false;

  constructor(private readonly drainMs: number) {}

  get isStopping(): boolean {
    return this.stopping;
  }

  onModuleDestroy(): void {
    this.stopping = true;
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.drainMs > 0) await delay(this.drainMs);
  }
}
