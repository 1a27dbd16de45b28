import { Inject, Injectable, Optional } from '@nestjs/common';
import { tenantIdOf } from '../../kernel/ids';
import { UnitOfWork } from '../../kernel/tx';
import { LocalCache } from '../cache/local-cache';
import { sql } from '../database';
import { answersWithin, RedisProbe, type PartStatus } from './probes';
import { Readiness } from './readiness';

export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy';

export interface HealthReport {
  readonly status: HealthStatus;
  readonly database: PartStatus;
  readonly redis: PartStatus;
}

const PROBE_TIMEOUT_MS = 2_000;
/** The route is public: one probe a second, however many requests there are. */
const HEALTH_CACHE_TTL_MS = 1_000;
/** The application's login needs a tenant to open a transaction; no tenant has this id. */
const NO_TENANT = tenantIdOf('00000000-0000-0000-0000-000000000000');

@Injectable()
export class Health {
  private readonly cache = new LocalCache<'report', HealthReport>({
    ttlMs: HEALTH_CACHE_TTL_MS,
    maxEntries: 1,
  });

  constructor(
    private readonly uow: UnitOfWork,
    private readonly readiness: Readiness,
    @Optional() @Inject(RedisProbe) private readonly redis: RedisProbe | null,
  ) {}

  report(): Promise<HealthReport> {
    return this.cache.loadShared('report', () => this.probe());
  }

  /** Without Redis requests are served all the same, so it does not count here. */
  async isReady(): Promise<boolean> {
    return !this.readiness.isStopping && (await this.report()).database === 'up';
  }

  private async probe(): Promise<HealthReport> {
    const { redis } = this;
    const [database, cache] = await Promise.all([
      answersWithin(PROBE_TIMEOUT_MS, () =>
        this.uow.run(NO_TENANT, (tx) => sql(tx).one({ text: 'SELECT 1 AS up', values: [] }), {
          readOnly: true,
        }),
      ),
      redis ? answersWithin(PROBE_TIMEOUT_MS, () => redis.ping()) : Promise.resolve<PartStatus>('not_in_use'),
    ]);
    return { status: statusOf(database, cache), database, redis: cache };
  }
}

function statusOf(database: PartStatus, redis: PartStatus): HealthStatus {
  if (database === 'down') return 'unhealthy';
  return redis === 'down' ? 'degraded' : 'healthy';
}
