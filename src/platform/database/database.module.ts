import { DynamicModule, Global, Inject, Logger, Module, OnApplicationBootstrap } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource, EntityTarget, ObjectLiteral } from 'typeorm';
import { AccessEpochs } from '../../kernel/access-epochs';
import { UnitOfWork } from '../../kernel/tx';
import { PostgresAccessEpochs } from './postgres-access-epochs';
import { refuseMightyLogin } from './check-login';
import { dataSourceOptions, type PoolLimits } from './data-sources';
import { isLoginRefused } from './errors';
import type { SqlMigration } from './migration';
import { assertMigrated } from './migration-history';
import { PostgresUnitOfWork } from './postgres-unit-of-work';

/** A class of rows that `repository(tx, Row)` accepts. */
export type RowClass = EntityTarget<ObjectLiteral>;

export interface DatabaseOptions {
  readonly appUrl: string;
  readonly systemUrl: string;
  readonly limits?: Partial<PoolLimits>;
  readonly rows: readonly RowClass[];
  /** Whether a server that does not answer yet is waited for, for half a minute: yes unless said. */
  readonly waits?: boolean;
  /** The start fails unless exactly these made the database. Not checked when absent. */
  readonly migrations?: readonly (new () => SqlMigration)[];
}

const MIGRATIONS = Symbol('migrations');

const SYSTEM_POOL_MAX = 4;
const SYSTEM_SOURCE = 'system';
/**
 * Enough for short look-ups by key: a request waits for one of these connections only when very many
 * requests sign in at once.
 */
const DOOR_POOL_MAX = 4;
const DOOR_SOURCE = 'door';

/**
 * Three pools: what serves tenants, what finds work across them, and who comes in without one never share a
 * connection.
 */
@Global()
@Module({})
export class DatabaseModule implements OnApplicationBootstrap {
  constructor(
    @Inject(getDataSourceToken()) private readonly app: DataSource,
    @Inject(getDataSourceToken(SYSTEM_SOURCE)) private readonly system: DataSource,
    @Inject(MIGRATIONS) private readonly migrations: readonly SqlMigration[],
  ) {}

  static forRoot(options: DatabaseOptions): DynamicModule {
    const app = dataSourceOptions(options.appUrl, 'app', options.rows as [], options.limits);
    const system = dataSourceOptions(options.systemUrl, SYSTEM_SOURCE, [], {
      ...options.limits,
      poolMax: SYSTEM_POOL_MAX,
    });
    const door = dataSourceOptions(options.systemUrl, DOOR_SOURCE, [], {
      ...options.limits,
      poolMax: DOOR_POOL_MAX,
    });
    const toRetry = (error: unknown) => options.waits !== false && !isLoginRefused(error);
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRoot({ ...app, toRetry }),
        TypeOrmModule.forRoot({ ...system, toRetry, name: SYSTEM_SOURCE }),
        TypeOrmModule.forRoot({ ...door, toRetry, name: DOOR_SOURCE }),
      ],
      providers: [
        { provide: MIGRATIONS, useValue: (options.migrations ?? []).map((migration) => new migration()) },
        {
          provide: UnitOfWork,
          useFactory: unitOfWork,
          inject: [getDataSourceToken(), getDataSourceToken(SYSTEM_SOURCE), getDataSourceToken(DOOR_SOURCE)],
        },
        { provide: AccessEpochs, useClass: PostgresAccessEpochs },
      ],
      exports: [UnitOfWork, AccessEpochs],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    await refuseMightyLogin(this.app);
    await refuseMightyLogin(this.system);
    if (this.migrations.length) await assertMigrated(this.system, this.migrations);
  }
}

function unitOfWork(app: DataSource, system: DataSource, door: DataSource): UnitOfWork {
  const log = new Logger('database');
  return new PostgresUnitOfWork({ app, system, door }, (error) =>
    log.warn({ msg: 'database.hint_failed', error: String(error) }),
  );
}
