import { newId, type TenantId } from '../../../src/kernel/ids';
import type { Tx } from '../../../src/kernel/tx';
import {
  Ledger,
  LedgerChecks,
  accounts,
  transferOf,
  type AccountRef,
  type EntryDraft,
  type Posting,
} from '../../../src/modules/ledger';
import { PostEntries } from '../../../src/modules/ledger/application/post-entries';
import { TakeCheckpoints } from '../../../src/modules/ledger/application/take-checkpoints';
import { VerifyLedger } from '../../../src/modules/ledger/application/verify-ledger';
import { PostgresLedgerStore } from '../../../src/modules/ledger/infrastructure/persistence/postgres-ledger-store';
import { QuietLog } from '../platform/quiet-log';
import { testDatabase, until, type TestDatabase } from '../../support';

export interface LedgerWorld {
  readonly database: TestDatabase;
  readonly ledger: Ledger;
  readonly checks: LedgerChecks;
  readonly checkpoints: TakeCheckpoints;
  readonly log: QuietLog;
}

/** The module by hand; several worlds may stand on one database, each with checks and a log of its own. */
export function ledgerOn(database: TestDatabase): LedgerWorld {
  const log = new QuietLog();
  const store = new PostgresLedgerStore(database.uow);
  const checks = new LedgerChecks();
  const ledger = new Ledger(store, new PostEntries(store), new VerifyLedger(store, checks));
  return { database, ledger, checks, checkpoints: new TakeCheckpoints(database.uow, store, log), log };
}

export async function ledgerWorld(): Promise<LedgerWorld> {
  return ledgerOn(await testDatabase());
}

/**
 * A checkpoint reaches as far as the oldest transaction of the whole server: one that another suite holds
 * open keeps what was just posted behind it.
 */
export async function horizonPassed({ database }: LedgerWorld): Promise<void> {
  const [{ mine }] = await database.app.query<[{ mine: string }]>(
    'SELECT pg_current_xact_id()::text AS mine',
  );
  const xmin = async () =>
    (
      await database.app.query<[{ xmin: string }]>(
        'SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xmin',
      )
    )[0].xmin;
  await until('the horizon passes what was posted', async () => BigInt(await xmin()) > BigInt(mine));
}

/** The books of one tenant, in US dollars: tests say what they post and what they expect, nothing else. */
export class Books {
  readonly tenant: TenantId;
  readonly railId = newId();

  constructor(private readonly world: LedgerWorld) {
    this.tenant = world.database.newTenant();
  }

  run<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.world.database.uow.run(this.tenant, work);
  }

  post(...drafts: EntryDraft[]): Promise<void> {
    return this.run((tx) => this.world.ledger.post(tx, drafts));
  }

  async balance(account: AccountRef): Promise<bigint> {
    const [minor] = await this.run((tx) => this.world.ledger.balancesOf(tx, [account]));
    return minor as bigint;
  }

  verify() {
    return this.run((tx) => this.world.ledger.verify(tx));
  }

  /** What an owner of the database could do and the application cannot: verification has to notice. */
  async tamper(statement: string): Promise<void> {
    await asOwner(this.world, statement);
  }

  /** For a statement of the owner, who sees every tenant. */
  get mine(): string {
    return `tenant_id = '${this.tenant}'`;
  }

  external(): AccountRef {
    return accounts.external(this.railId, 'USD');
  }

  /** A settlement over one recipient. */
  award(recipient: string, minor: bigint, settlement = newId()): EntryDraft {
    const pot = accounts.pot(settlement, 'USD');
    return entry(`settlement:${settlement}:recorded`, [
      ...transferOf(funding, pot, minor),
      ...transferOf(pot, payable(recipient), minor),
    ]);
  }

  completed(transfer: string, recipient: string, minor: bigint): EntryDraft {
    return entry(`transfer:${transfer}:completed`, transferOf(reserved(recipient), this.external(), minor));
  }
}

export const funding = accounts.funding('USD');
export const payable = (recipient: string): AccountRef => accounts.payable(recipient, 'award', 'USD');
export const reserved = (recipient: string): AccountRef => accounts.reserved(recipient, 'award', 'USD');

export function entry(reference: string, postings: Posting[], kind = 'tested'): EntryDraft {
  return { reference, kind, actor: 'a test', postings };
}

export function reserve(recipient: string, minor: bigint, reference = `reserve:${newId()}`): EntryDraft {
  return entry(reference, transferOf(payable(recipient), reserved(recipient), minor));
}

async function asOwner(world: LedgerWorld, statement: string): Promise<void> {
  const { Client } = await import('pg');
  const owner = new Client({ connectionString: world.database.urls.owner });
  await owner.connect();
  try {
    await owner.query(statement);
  } finally {
    await owner.end();
  }
}
