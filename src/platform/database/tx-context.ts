import type { PoolClient } from 'pg';
import type { QueryRunner } from 'typeorm';
import type { TenantId } from '../../kernel/ids';
import type { Tx } from '../../kernel/tx';

export interface TxContext {
  readonly runner: QueryRunner;
  readonly client: PoolClient;
  readonly tenant: TenantId | null;
  readonly hints: (() => Promise<void>)[];
  /** What is sent to the server just before COMMIT, and not waited for. */
  last: (() => Promise<unknown>) | null;
  open: boolean;
}

const contexts = new WeakMap<Tx, TxContext>();

export function openTx(context: TxContext): Tx {
  const tx = Object.freeze({}) as Tx;
  contexts.set(tx, context);
  return tx;
}

/** Throws when the transaction is over: a Tx that outlives its closure is a defect, not a new connection. */
export function contextOf(tx: Tx): TxContext {
  const context = contexts.get(tx);
  if (!context?.open) throw new Error('this transaction is over or was not opened by the unit of work');
  return context;
}
