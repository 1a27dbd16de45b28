import { Client } from 'pg';
import { ApiKeys } from '../../../src/modules/identity';
import { SessionStore, UserStore } from '../../../src/modules/identity/accounts/application/ports';
import { UpdateAccountFlags } from '../../../src/modules/identity/accounts/application/update-account-flags';
import { ApiKeyStore } from '../../../src/modules/identity/access/application/ports';
import { systemActor } from '../../../src/kernel/actor';
import { until } from '../../support';
import { IdentityWorld } from './support/identity-world';

let w: IdentityWorld;
let holder: Client;

beforeAll(async () => {
  w = await IdentityWorld.start();
  holder = new Client({ connectionString: w.t.db.urls.admin });
  await holder.connect();
});
afterAll(async () => {
  await holder.end();
  await w.close();
});
afterEach(() => jest.restoreAllMocks());

const waiting = (count: number) =>
  until(
    `${count} wait for a lock`,
    async () =>
      (
        await w.sql(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        )
      ).length === count,
  );

/**
 * The unit of work repeats its closure after a deadlock: as many tries as there are transactions means that
 * there was none.
 */
describe('two transactions that lock the same rows', () => {
  /**
   * A third transaction holds the row that both need, and releases it when both wait for it.
   */
  async function blockedBy(
    lock: string,
    values: unknown[],
    ...each: (() => Promise<unknown>)[]
  ): Promise<void> {
    await holder.query('BEGIN');
    await holder.query(lock, values);
    const running: Promise<unknown>[] = [];
    for (const one of each) {
      running.push(one());
      await waiting(running.length);
    }
    await holder.query('COMMIT');
    await Promise.all(running);
  }

  it('lock keys in the order of their ids: revoking a key with its derived keys, and writing their usage', async () => {
    const { id: tenant } = await w.tenant();
    const keys = [
      await w.get(ApiKeys).create(tenant, 'a', ['*']),
      await w.get(ApiKeys).create(tenant, 'b', ['*']),
    ]
      .map(({ id }) => id)
      .sort();
    const [made, maker] = keys as [string, string];
    await w.sql('UPDATE identity.api_keys SET actor_chain = ARRAY[$2::uuid] WHERE id = $1', [made, maker]);
    const store = w.get(ApiKeyStore);
    const writing = jest.spyOn(store, 'addUsage');
    const revoking = jest.spyOn(store, 'revoke');
    await blockedBy(
      'SELECT 1 FROM identity.api_keys WHERE id = $1 FOR UPDATE',
      [maker],
      () => w.get(ApiKeys).revoke(tenant, maker),
      () =>
        w.t.db.uow.run(tenant, (tx) =>
          store.addUsage(
            tx,
            tenant,
            keys.map((id) => ({ id, count: 1, lastMsAgo: 0 })),
          ),
        ),
    );
    expect([writing.mock.calls.length, revoking.mock.calls.length]).toEqual([1, 2]);
    expect(
      await w.sql(
        'SELECT id FROM identity.api_keys WHERE tenant_id = $1 AND revoked_at IS NOT NULL AND usage_count = 1',
        [tenant],
      ),
    ).toHaveLength(2);
  });

  it('lock the user before the sessions: a login over a former session, and ending all sessions', async () => {
    const ann = await w.user();
    const browser = await w.signedIn(ann);
    const [opening, ending, changing] = [
      jest.spyOn(w.get(SessionStore), 'open'),
      jest.spyOn(w.get(SessionStore), 'endAllOf'),
      jest.spyOn(w.get(UserStore), 'updateAccountFlags'),
    ];
    await blockedBy(
      'SELECT 1 FROM identity.users WHERE id = $1 FOR UPDATE',
      [ann.id],
      () => w.get(UpdateAccountFlags).execute(ann.id, { isActive: false }, systemActor('test')),
      async () => expect((await browser.login(ann)).status).toBe(401),
    );
    expect([opening, ending, changing].map(({ mock }) => mock.calls.length)).toEqual([1, 1, 1]);
    expect(await w.sql('SELECT 1 FROM identity.sessions WHERE user_id = $1', [ann.id])).toEqual([]);
  });
});
