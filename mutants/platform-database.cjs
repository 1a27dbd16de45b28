'use strict';

module.exports = [
  {
    name: 'call-inside-a-transaction',
    what: 'a provider may be called inside a transaction',
    file: 'src/platform/database/transaction-scope.ts',
    find: 'if (insideTransaction()) throw new Error(`${adapter} must not be called inside a database transaction`);',
    replace:
      "if (insideTransaction() && adapter === '') throw new Error(`${adapter} must not be called inside a database transaction`);",
    test: 'test/integration/platform/unit-of-work.int-spec.ts',
    title: 'refuses to nest and lets no network call happen inside',
  },
  {
    name: 'door-shares-the-systems-pool',
    what: 'those at the door take the connections of the relay and the sweeps',
    file: 'src/platform/database/postgres-unit-of-work.ts',
    find: "return this.repeat(this.sources.door, null, 'BEGIN', work);",
    replace: "return this.repeat(this.sources.system, null, 'BEGIN', work);",
    test: 'test/integration/platform/pools.int-spec.ts',
    title: 'lets the installation work while everybody at the door holds a connection',
  },
  {
    name: 'foreign-database-migrated',
    what: 'a database of a development version is migrated',
    file: 'src/platform/database/migration-history.ts',
    find: 'return recorded.find(isForeign)?.name ?? null;',
    replace: 'return recorded.slice(0, 0).find(isForeign)?.name ?? null;',
    test: 'test/integration/platform/migration-history.int-spec.ts',
    title: 'is not migrated when a migration ran before its checksum was recorded',
  },
  {
    name: 'installation-epoch-not-held',
    what: 'whoever gives a key in a tenant does not keep the epoch of the installation as it is',
    file: 'src/platform/database/migrations/1764000000000-database.ts',
    find: 'PERFORM pg_advisory_xact_lock_shared(${IN_TURN});',
    replace: '',
    test: 'test/integration/identity/users-epoch.int-spec.ts',
    title: 'and who is demoted while they make their first key in a tenant does not leave it',
  },
  {
    name: 'installation-epoch-out-of-turn',
    what: "whoever holds the epoch of the installation goes before an administrator's end that waits",
    file: 'src/platform/database/migrations/1764000000000-database.ts',
    find: `PERFORM pg_advisory_xact_lock_shared(\${IN_TURN});
         RETURN (SELECT e.epoch FROM platform.installation_epoch e);`,
    replace: 'RETURN (SELECT e.epoch FROM platform.installation_epoch e FOR SHARE);',
    test: 'test/integration/platform/unit-of-work.int-spec.ts',
    title: 'that ends everywhere waits for those who hold one, and for nobody who comes later',
  },
  {
    name: 'last-writes-without-answer-failed',
    what: 'last writes that nobody answered count as refused, although COMMIT went with them',
    file: 'src/platform/database/postgres-unit-of-work.ts',
    find: "if (written.status === 'rejected') throw written.reason instanceof DatabaseError ? written.reason : new CommitUnknown();",
    replace: "if (written.status === 'rejected') throw written.reason;",
    test: 'test/integration/platform/unit-of-work.int-spec.ts',
    title: 'says CommitUnknown when the connection goes before the answer to the last writes',
  },
  {
    name: 'refusal-of-begin-unheard',
    what: 'what comes of the work is heard before a refused BEGIN',
    file: 'src/platform/database/postgres-unit-of-work.ts',
    find: `if (opened.status === 'rejected') throw opened.reason;
  if (result.status === 'rejected') throw result.reason;`,
    replace: `if (result.status === 'rejected') throw result.reason;
  if (opened.status === 'rejected') throw opened.reason;`,
    test: 'test/integration/platform/unit-of-work.int-spec.ts',
    title: 'begins under the current one only, and leaves the connection as it was',
  },
  {
    name: 'wall-without-force',
    what: 'row-level security does not hold the owner',
    file: 'src/platform/database/tenant-table.ts',
    find: '`ALTER TABLE ${t.table} FORCE ROW LEVEL SECURITY`,',
    replace: '',
    test: 'test/integration/isolation/walls.int-spec.ts',
    title: 'row-level security is on, for the owner too',
  },
];
