import { setTimeout as delay } from 'node:timers/promises';
import type { BeforeApplicationShutdown, OnModuleDestroy } from '@nestjs/common';

/**
 * Says "not ready" from the first moment of a stop, and holds the stop for `drainMs`, in which load balancers
 * hear of it; only then does Nest close the listener. Requests that run are finished by the server itself.
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
