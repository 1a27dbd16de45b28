import type { Socket } from 'node:net';
import { Client } from 'pg';
import { AccessChanged } from '../../../src/kernel/access-epochs';
import { newId, type TenantId } from '../../../src/kernel/ids';
import type { Tx, PendingWrite } from '../../../src/kernel/tx';
import {
  assertOutsideTransaction,
  CommitUnknown,
  DatabaseUnavailable,
  sql,
  PostgresAccessEpochs,
  pendingWrite,
} from '../../../src/platform/database';
import { testDatabase, type TestDatabase, until } from '../../support';

describe('the unit of work', () => {
  let db: TestDatabase;

  beforeAll(async () => {
    db = await testDatabase({ limits: { poolMax: 2, connectTimeoutMs: 200 } });
  });
  afterAll(() => db.close());

  const setting = { text: `SELECT current_setting('app.tenant_id', true) AS tenant`, values: [] };

  it('opens the transaction together with its tenant and leaves nothing behind on the connection', async () => {
    const tenant = db.newTenant();
    await expect(db.uow.run(tenant, (tx) => sql(tx).one<{ tenant: string }>(setting))).resolves.toEqual({
      tenant,
    });
    const left = await Promise.all([1, 2].map(() => db.app.query(setting.text)));
    expect(left.flat().map((row: { tenant: string | null }) => row.tenant || null)).toEqual([null, null]);
  });

  it('refuses to nest and lets no network call happen inside', async () => {
    const nested = db.uow.run(db.newTenant(), () => db.uow.run(db.newTenant(), async () => 1));
    await expect(nested).rejects.toThrow('does not nest');
    await expect(db.uow.run(db.newTenant(), async () => assertOutsideTransaction('Stripe'))).rejects.toThrow(
      'Stripe must not be called',
    );
    expect(() => assertOutsideTransaction('Stripe')).not.toThrow();
  });

  it('repeats the whole closure on a deadlock or serialization failure, at most 4 times, and drops the hints of failed tries', async () => {
    const tries: number[] = [];
    const hinted: number[] = [];
    const work = (failures: number) => (tx: Tx) => {
      const nth = tries.push(1);
      db.uow.afterCommit(tx, async () => void hinted.push(nth));
      return nth <= failures
        ? Promise.reject(Object.assign(new Error('deadlock'), { code: '40P01' }))
        : Promise.resolve(nth);
    };
    await expect(db.uow.run(db.newTenant(), work(3))).resolves.toBe(4);
    expect(hinted).toEqual([4]);
    tries.length = 0;
    await expect(db.uow.run(db.newTenant(), work(9))).rejects.toBeInstanceOf(DatabaseUnavailable);
    expect(tries).toHaveLength(4);
  });

  it('reports no commit as failed because of a hint, whatever the hint does', async () => {
    const kept = db.newTenant();
    const committed = db.uow.run(kept, async (tx) => {
      db.uow.afterCommit(tx, () => {
        throw new Error('a hint that breaks before it is a promise');
      });
      return 'committed';
    });
    await expect(committed).resolves.toBe('committed');
  });

  it('takes the end of an idle transaction by the server for its absence', async () => {
    const ended = db.uow.run(db.newTenant(), () =>
      Promise.reject(
        Object.assign(new Error('terminating connection due to idle-in-transaction timeout'), {
          code: '25P03',
        }),
      ),
    );
    await expect(ended).rejects.toBeInstanceOf(DatabaseUnavailable);
  });

  it('does not take a caught error inside the transaction for a commit', async () => {
    const caught = db.uow.run(db.newTenant(), (tx) =>
      sql(tx)
        .rows({ text: 'SELECT 1/0', values: [] })
        .catch(() => []),
    );
    await expect(caught).rejects.toThrow('aborted');
  });

  it('throws a connection away that died inside a transaction and goes on with a new one', async () => {
    const died = db.uow.run(db.newTenant(), async (tx) => {
      const { pid } = await sql(tx).one<{ pid: number }>({
        text: 'SELECT pg_backend_pid() AS pid',
        values: [],
      });
      await db.terminate(pid);
      return sql(tx).one({ text: 'SELECT 1', values: [] });
    });
    await expect(died).rejects.toBeInstanceOf(DatabaseUnavailable);
    await expect(db.uow.run(db.newTenant(), async () => 'alive')).resolves.toBe('alive');
  });

  it('says CommitUnknown when the connection goes during COMMIT, and does not repeat', async () => {
    let runs = 0;
    const unknown = db.uow.run(db.newTenant(), async (tx) => {
      runs += 1;
      const { pid } = await sql(tx).one<{ pid: number }>({
        text: 'SELECT pg_backend_pid() AS pid',
        values: [],
      });
      await db.terminate(pid);
    });
    await expect(unknown).rejects.toBeInstanceOf(CommitUnknown);
    expect(runs).toBe(1);
  });

  describe('whose last writes travel with COMMIT', () => {
    const NOTED = 'x'.repeat(20);
    const answer = (text: string): PendingWrite =>
      pendingWrite((tenant, rows: readonly string[]) => ({ text, values: [tenant, rows[0]] }), [NOTED]);
    const KEPT = `INSERT INTO platform.idempotency_keys (tenant_id, key, fingerprint, status, body)
      VALUES ($1, $2, decode(repeat('00', 32), 'hex'), 200, '')`;
    const count = async (tenant: TenantId): Promise<number> =>
      db.uow.run(
        tenant,
        async (tx) =>
          (
            await sql(tx).rows({
              text: 'SELECT key FROM platform.idempotency_keys WHERE tenant_id = $1',
              values: [tenant],
            })
          ).length,
      );

    it('sends both in one flight, and BEGIN with the first statement', async () => {
      const tenant = db.newTenant();
      const order: string[] = [];
      const query = Reflect.get(Client.prototype, 'query') as (
        this: Client,
        asked: string | { text: string },
      ) => Promise<unknown>;
      const sent = jest.spyOn(Client.prototype, 'query').mockImplementation(async function (
        this: Client,
        asked: string | { text: string },
      ) {
        const [word] = (typeof asked === 'string' ? asked : asked.text).split(/\W/, 1) as [string];
        order.push(`> ${word}`);
        const answered = await query.call(this, asked);
        order.push(`< ${word}`);
        return answered;
      } as never);
      try {
        await db.uow.run(tenant, async (tx) => {
          await sql(tx).one({ text: 'SELECT 1', values: [] });
          db.uow.writeAndCommit(tx, [answer(KEPT)]);
        });
      } finally {
        sent.mockRestore();
      }
      expect(order).toEqual([
        '> BEGIN',
        '> SELECT',
        '< BEGIN',
        '< SELECT',
        '> INSERT',
        '> COMMIT',
        '< INSERT',
        '< COMMIT',
      ]);
      await expect(count(tenant)).resolves.toBe(1);
    });

    it('throws what the server refuses, commits nothing, and the connection is as good as before', async () => {
      const tenant = db.newTenant();
      const twice = (): Promise<void> =>
        db.uow.run(tenant, async (tx) => db.uow.writeAndCommit(tx, [answer(KEPT)]));
      await twice();
      await expect(twice()).rejects.toMatchObject({ code: '23505' });
      await expect(
        db.uow.run(tenant, async (tx) =>
          db.uow.writeAndCommit(tx, [answer(`SELECT 1 / (length($2) - length($2)), $1::uuid`)]),
        ),
      ).rejects.toMatchObject({ code: '22012' });
      await expect(count(tenant)).resolves.toBe(1);
    });

    it('says CommitUnknown when the connection goes before the answer to the last writes', async () => {
      const tenant = db.newTenant();
      const pids: number[] = [];
      const admin = new Client({ connectionString: db.urls.admin });
      await admin.connect();
      const sent = jest.spyOn(Client.prototype, 'query');
      const unknown = db.uow.run(tenant, async (tx) => {
        const { pid } = await sql(tx).one<{ pid: number }>({
          text: 'SELECT pg_backend_pid() AS pid',
          values: [],
        });
        pids.push(pid);
        db.uow.writeAndCommit(tx, [answer('SELECT pg_sleep(10), $1::uuid, $2::text')]);
      });
      const heard = expect(unknown).rejects.toBeInstanceOf(CommitUnknown);
      await until('the last writes are with the server', async () => {
        const { rows } = await admin.query(
          `SELECT FROM pg_stat_activity WHERE pid = ANY($1) AND query LIKE 'SELECT pg_sleep%'
            AND state = 'active'`,
          [pids],
        );
        return rows.length === 1;
      });
      const clients = sent.mock.contexts as unknown as {
        processID: number;
        connection: { stream: Socket };
      }[];
      clients.find(({ processID }) => processID === pids[0])?.connection.stream.destroy();
      sent.mockRestore();
      await heard;
      expect(pids).toHaveLength(1);
      await db.terminate(pids[0] as number);
      await admin.end();
    });

    it('is over for everybody who holds it', async () => {
      const late = db.uow.run(db.newTenant(), async (tx) => {
        db.uow.writeAndCommit(tx, []);
        await sql(tx).one({ text: 'SELECT 1', values: [] });
      });
      await expect(late).rejects.toThrow('is over');
    });
  });

  it('waits for a connection only so long', async () => {
    const release: (() => void)[] = [];
    const held = [1, 2].map(() =>
      db.uow.run(db.newTenant(), () => new Promise<void>((resolve) => release.push(resolve))),
    );
    await expect(db.uow.run(db.newTenant(), async () => 1)).rejects.toBeInstanceOf(DatabaseUnavailable);
    release.forEach((go) => go());
    await Promise.all(held);
  });

  it('refuses a Tx that outlived its closure and a tenant that is no UUID', async () => {
    let kept: Tx | undefined;
    await db.uow.run(db.newTenant(), async (tx) => void (kept = tx));
    expect(() => sql(kept as Tx)).toThrow('is over');
    await expect(db.uow.run(`${newId()}'; DROP` as never, async () => 1)).rejects.toThrow('UUID');
  });

  describe('with an access epoch', () => {
    const epochs = new PostgresAccessEpochs();
    const nothing = (accessEpoch: string) => ({ accessEpoch, readOnly: true });

    it('begins under the current one only, and leaves the connection as it was', async () => {
      const [tenant, other] = [db.newTenant(), db.newTenant()];
      await expect(db.uow.run(tenant, (tx) => epochs.current(tx), nothing('0'))).resolves.toBe('0');
      await db.uow.run(tenant, (tx) => epochs.bump(tx));
      await db.uow.run(tenant, (tx) => epochs.bump(tx));
      const settings = `INSERT INTO tenancy.settings (tenant_id) VALUES ($1)`;
      for (const stale of ['0', '1', '3']) {
        await expect(db.uow.run(tenant, async () => undefined, nothing(stale))).rejects.toBeInstanceOf(
          AccessChanged,
        );
        // What was sent behind it was refused with it, whatever came of that.
        const writes = (tx: Tx): Promise<unknown> => sql(tx).count({ text: settings, values: [tenant] });
        await expect(db.uow.run(tenant, writes, { accessEpoch: stale })).rejects.toBeInstanceOf(
          AccessChanged,
        );
        await expect(
          db.uow.run(tenant, (tx) => writes(tx).catch(() => 'caught'), { accessEpoch: stale }),
        ).rejects.toBeInstanceOf(AccessChanged);
        await expect(
          db.uow.run(
            tenant,
            async (tx) =>
              db.uow.writeAndCommit(tx, [pendingWrite((of) => ({ text: settings, values: [of] }), [1])]),
            { accessEpoch: stale },
          ),
        ).rejects.toBeInstanceOf(AccessChanged);
      }
      const throwing = (): Promise<never> => {
        throw new Error('before it was a promise');
      };
      await expect(db.uow.run(tenant, throwing, { accessEpoch: '7' })).rejects.toBeInstanceOf(AccessChanged);
      await expect(
        db.uow.run(tenant, (tx) =>
          sql(tx).rows({ text: `SELECT FROM tenancy.settings WHERE tenant_id = $1`, values: [tenant] }),
        ),
      ).resolves.toEqual([]);
      await expect(db.uow.run(tenant, (tx) => epochs.current(tx), { accessEpoch: '2' })).resolves.toBe('2');
      await expect(db.uow.run(other, (tx) => epochs.current(tx), { accessEpoch: '0' })).resolves.toBe('0');
    });

    it('asks for it in the message that opens the transaction', async () => {
      const tenant = db.newTenant();
      const sent = jest.spyOn(Client.prototype, 'query');
      try {
        await db.uow.run(tenant, async () => undefined, { accessEpoch: '0' });
        expect(sent.mock.calls.map(([text]) => text)).toEqual([
          `BEGIN; SET LOCAL app.tenant_id = '${tenant}'; SELECT platform.assert_access_epoch(0)`,
          'COMMIT',
        ]);
      } finally {
        sent.mockRestore();
      }
    });

    it('waits for no one who raises it, and is raised by a committed transaction only', async () => {
      const tenant = db.newTenant();
      let raised = (): void => undefined;
      let fail = (_error: Error): void => undefined;
      const isRaised = new Promise<void>((resolve) => (raised = resolve));
      const failure = new Promise<never>((_, reject) => (fail = reject));
      const abandoned = db.uow.run(tenant, async (tx) => {
        await epochs.bump(tx);
        raised();
        await failure;
      });
      await isRaised;
      await expect(db.uow.run(tenant, (tx) => epochs.current(tx), { accessEpoch: '0' })).resolves.toBe('0');
      fail(new Error('the revocation failed'));
      await expect(abandoned).rejects.toThrow('the revocation failed');
      await expect(db.uow.run(tenant, (tx) => epochs.current(tx), { accessEpoch: '0' })).resolves.toBe('0');
    });

    it('that ends everywhere waits for those who hold one, and for nobody who comes later', async () => {
      const order: string[] = [];
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      const admin = new Client({ connectionString: db.urls.admin });
      await admin.connect();
      const waitingAre = (n: number) =>
        until(
          `${n} wait`,
          async () =>
            (
              await admin.query(
                `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
              )
            ).rows.length === n,
        );
      let isHeld = (): void => undefined;
      const held = new Promise<void>((resolve) => (isHeld = resolve));
      const holder = db.uow.run(db.newTenant(), async (tx) => {
        await epochs.lock(tx);
        isHeld();
        await released;
        order.push('held');
      });
      await held;
      const raised = db.uow
        .runForSystem((tx) => epochs.bumpInstallation(tx))
        .then(() => order.push('raised'));
      await waitingAre(1);
      const tenant = db.newTenant();
      const later = db.uow
        .run(tenant, (tx) => epochs.lockIn(tx, tenant))
        .then((epoch) => order.push(`later, under ${epoch}`));
      await waitingAre(2);
      release();
      await Promise.all([holder, raised, later]);
      await admin.end();
      expect(order).toEqual(['held', 'raised', 'later, under 1']);
    });

    it('of the installation only rises', async () => {
      const lowered = db.uow.runForSystem((tx) =>
        sql(tx).count({ text: 'UPDATE platform.installation_epoch SET epoch = epoch - 1', values: [] }),
      );
      await expect(lowered).rejects.toThrow('only rises');
    });

    it('takes no epoch that is not a whole number', async () => {
      await expect(
        db.uow.run(db.newTenant(), async () => 1, { accessEpoch: `0); DROP TABLE x; --` }),
      ).rejects.toThrow('whole number');
    });
  });
});
