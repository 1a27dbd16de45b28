'use strict';

module.exports = [
  {
    name: 'balances-locked-in-any-order',
    what: 'balances are locked in the order of the postings',
    file: 'src/modules/ledger/infrastructure/persistence/sql/post-lines.sql.ts',
    find: 'ORDER BY a.id',
    replace: 'ORDER BY array_position($2::uuid[], a.id)',
    test: 'test/integration/ledger/concurrency.int-spec.ts',
    title: 'to the same accounts in opposite order does not deadlock and loses no unit',
  },
  {
    name: 'checkpoint-over-running-transactions',
    what: 'a checkpoint covers transactions that still run',
    file: 'src/modules/ledger/infrastructure/persistence/sql/checkpoints.sql.ts',
    find: 'const HORIZON = `pg_snapshot_xmin(pg_current_snapshot())::text::bigint`;',
    replace: 'const HORIZON = `pg_snapshot_xmax(pg_current_snapshot())::text::bigint`;',
    test: 'test/integration/ledger/checkpoints.int-spec.ts',
    title: 'does not lose postings of a slow transaction that began before it and commits after it',
  },
  {
    name: 'reference-with-two-contents',
    what: 'a ledger reference accepts two contents',
    file: 'src/modules/ledger/application/post-entries.ts',
    find: 'if (other) throw new EntryConflict(other.reference);',
    replace: 'if (other && repeated.length === 0) throw new EntryConflict(other.reference);',
    test: 'test/integration/ledger/post.int-spec.ts',
    title: 'rejects the same reference with other content and posts nothing of the batch',
  },
  {
    name: 'rejected-posting-committed',
    what: 'a transaction is committed after a rejected posting whose error the caller ignored',
    file: 'src/modules/ledger/application/post-entries.ts',
    find: 'if (error instanceof DomainError) await this.store.preventCommit(tx);',
    replace: '',
    test: 'test/integration/ledger/post.int-spec.ts',
    title: 'prevents the commit after an error that the caller ignored',
  },
];
