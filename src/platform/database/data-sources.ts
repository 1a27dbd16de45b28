import { types } from 'pg';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions';

/** int8 arrives as text: money and counts are bigint here, never a rounded number (2^53 + 1 is a test). */
types.setTypeParser(types.builtins.INT8, (text) => BigInt(text));

export interface PoolLimits {
  /** Connections of one process; see DATABASE_POOL_MAX. */
  readonly poolMax: number;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly idleInTransactionTimeoutMs: number;
}

export const DEFAULT_LIMITS: PoolLimits = {
  poolMax: 10,
  connectTimeoutMs: 5_000,
  statementTimeoutMs: 15_000,
  lockTimeoutMs: 5_000,
  idleInTransactionTimeoutMs: 20_000,
};

/** Every wait has an end: pg's own defaults wait for ever for a connection, a lock and a statement. */
export function dataSourceOptions(
  url: string,
  login: string,
  entities: NonNullable<PostgresDataSourceOptions['entities']>,
  limits: Partial<PoolLimits> = {},
): PostgresDataSourceOptions {
  const l = { ...DEFAULT_LIMITS, ...limits };
  return {
    type: 'postgres',
    url,
    entities,
    synchronize: false,
    migrationsRun: false,
    logging: false,
    installExtensions: false,
    applicationName: `disburse-${login}`,
    poolErrorHandler: () => undefined,
    extra: {
      // What is sent before the answer to what went before it travels with it: BEGIN with the first
      // statement, the last with COMMIT.
      pipeline: true,
      max: l.poolMax,
      connectionTimeoutMillis: l.connectTimeoutMs,
      statement_timeout: l.statementTimeoutMs,
      lock_timeout: l.lockTimeoutMs,
      idle_in_transaction_session_timeout: l.idleInTransactionTimeoutMs,
    },
  };
}
