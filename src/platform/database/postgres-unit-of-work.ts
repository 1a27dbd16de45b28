import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseError, type PoolClient } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { isUuid, type TenantId } from '../../kernel/ids';
import { type RunOptions, Tx, UnitOfWork, type PendingWrite } from '../../kernel/tx';
import { CommitUnknown, isConnectionLoss, isWorthRepeating, translated } from './errors';
import { runnerOn, sql } from './sql';
import { statementsOf, combineStatements } from './combine-statements';
import { insideTransaction, outsideTransaction, withinTransaction } from './transaction-scope';
import { contextOf, openTx, type TxContext } from './tx-context';

const TRIES_MAX = 4;
const BACKOFF_MS = 10;

export interface HintFailures {
  (error: unknown): void;
}

/** Three pools under two logins: none of them can hold up another. */
export interface Sources {
  readonly app: DataSource;
  readonly system: DataSource;
  /** The system's login, for requests without a tenant. */
  readonly door: DataSource;
}

export class PostgresUnitOfWork extends UnitOfWork {
  constructor(
    private readonly sources: Sources,
    private readonly hintFailed: HintFailures = () => undefined,
  ) {
    super();
  }

  async run<T>(tenant: TenantId, work: (tx: Tx) => Promise<T>, options: RunOptions = {}): Promise<T> {
    return this.repeat(this.sources.app, tenant, beginFor(tenant, options), work);
  }

  runForSystem<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.repeat(this.sources.system, null, 'BEGIN', work);
  }

  runAcrossTenants<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.repeat(this.sources.door, null, 'BEGIN', work);
  }

  async write(tx: Tx, writes: readonly PendingWrite[]): Promise<void> {
    const statements = statementsOf(this.tenantOf(tx), writes);
    if (statements.length > 0) await sql(tx).count(combineStatements(statements));
  }

  writeAndCommit(tx: Tx, writes: readonly PendingWrite[]): void {
    const context = contextOf(tx);
    const statements = statementsOf(this.tenantOf(tx), writes);
    if (statements.length > 0)
      context.last = runnerOn(context.client).prepared(combineStatements(statements));
    context.open = false;
  }

  afterCommit(tx: Tx, hint: () => Promise<void>): void {
    contextOf(tx).hints.push(hint);
  }

  tenantOf(tx: Tx): TenantId {
    const { tenant } = contextOf(tx);
    if (!tenant) throw new Error('a transaction of the system belongs to no tenant');
    return tenant;
  }

  private async repeat<T>(
    source: DataSource,
    tenant: TenantId | null,
    begin: string,
    work: (tx: Tx) => Promise<T>,
  ): Promise<T> {
    if (insideTransaction()) throw new Error('a unit of work does not nest: pass the Tx you hold');
    for (let tries = 1; ; tries++) {
      try {
        return await this.once(source, tenant, begin, work);
      } catch (error) {
        if (!isWorthRepeating(error) || tries === TRIES_MAX) throw translated(error);
        await delay(BACKOFF_MS * 2 ** tries * Math.random());
      }
    }
  }

  private async once<T>(
    source: DataSource,
    tenant: TenantId | null,
    begin: string,
    work: (tx: Tx) => Promise<T>,
  ): Promise<T> {
    const runner = source.createQueryRunner();
    const client = (await runner.connect()) as PoolClient;
    const context: TxContext = { runner, client, tenant, hints: [], last: null, open: true };
    let broken: unknown;
    let isCommitting = false;
    try {
      markTransaction(runner, true);
      const begun = client.query(begin);
      // What belongs to no tenant is behind no wall: were BEGIN itself cancelled, the statements after it
      // would stand alone.
      if (tenant === null) await begun;
      const result = await inOneFlight(
        begun,
        withinTransaction(async () => work(openTx(context))),
      );
      context.open = false;
      markTransaction(runner, false);
      isCommitting = true;
      await commit(client, context.last);
      this.startHints(context.hints);
      return result;
    } catch (error) {
      context.open = false;
      // A COMMIT that was answered, however, ended the transaction.
      broken = isCommitting ? reasonToClose(error) : await abandon(client, error);
      throw error;
    } finally {
      await (broken ? destroy(runner, broken) : runner.release());
    }
  }

  private startHints(hints: TxContext['hints']): void {
    // As a promise from the start: what a hint throws must not make a commit look failed.
    for (const hint of hints) void outsideTransaction(async () => hint()).catch(this.hintFailed);
  }
}

const EPOCH = /^\d{1,18}$/;

/**
 * One message for all of it: no round trip more, and no moment without a tenant. The only SQL built from
 * values.
 */
function beginFor(tenant: TenantId, { readOnly = false, accessEpoch, lockTimeoutMs }: RunOptions): string {
  if (!isUuid(tenant)) throw new Error('a tenant id must be a UUID');
  if (accessEpoch !== undefined && !EPOCH.test(accessEpoch))
    throw new Error('an access epoch must be a whole number');
  if (lockTimeoutMs !== undefined && !Number.isSafeInteger(lockTimeoutMs))
    throw new Error('a lock timeout is a whole number of milliseconds');
  const patience = lockTimeoutMs === undefined ? '' : `; SET LOCAL lock_timeout = ${lockTimeoutMs}`;
  const assertion = accessEpoch === undefined ? '' : `; SELECT platform.assert_access_epoch(${accessEpoch})`;
  return `BEGIN${readOnly ? ' READ ONLY' : ''}; SET LOCAL app.tenant_id = '${tenant}'${patience}${assertion}`;
}

/** Marks our transaction as TypeORM's own, so that its repositories open none. */
function markTransaction(runner: QueryRunner, active: boolean): void {
  (runner as { isTransactionActive: boolean }).isTransactionActive = active;
}

/**
 * BEGIN is sent with the first statement after it. When the epoch has changed, PostgreSQL has begun all the
 * same and rejects what follows; when BEGIN was cancelled, no tenant is set and row-level security rejects it.
 * The error of BEGIN is the one that is thrown.
 */
async function inOneFlight<T>(begun: Promise<unknown>, worked: Promise<T>): Promise<T> {
  const [opened, result] = await Promise.allSettled([begun, worked]);
  if (opened.status === 'rejected') throw opened.reason;
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/**
 * `last` is sent with its COMMIT: without a response to it, the result of both is unknown. What the server
 * rejected is not committed.
 */
async function commit(client: PoolClient, last: TxContext['last']): Promise<void> {
  const [written, ended] = await Promise.allSettled([last?.(), client.query('COMMIT')]);
  if (written.status === 'rejected')
    throw written.reason instanceof DatabaseError ? written.reason : new CommitUnknown();
  if (ended.status === 'rejected') throw isConnectionLoss(ended.reason) ? new CommitUnknown() : ended.reason;
  // PostgreSQL answers ROLLBACK, without an error, to a COMMIT of an aborted transaction.
  if (ended.value.command !== 'COMMIT')
    throw new Error('the transaction was aborted by an error that was caught inside it');
}

/** Answers the reason why the connection must not go back to the pool, if there is one. */
async function abandon(client: PoolClient, error: unknown): Promise<unknown> {
  const lost = reasonToClose(error);
  if (lost) return lost;
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (failure) {
    return failure;
  }
}

function reasonToClose(error: unknown): unknown {
  return error instanceof CommitUnknown || isConnectionLoss(error) ? error : undefined;
}

/** The pool discards a connection only when it gets an error; QueryRunner.release() cannot pass one. */
async function destroy(runner: QueryRunner, reason: unknown): Promise<void> {
  const error = reason instanceof Error ? reason : new Error(String(reason));
  await (
    runner as unknown as { releasePostgresConnection(error: Error): Promise<void> }
  ).releasePostgresConnection(error);
}
