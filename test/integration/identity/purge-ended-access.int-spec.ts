import { Users } from '../../../src/modules/identity';
import { PurgeEndedAccess } from '../../../src/modules/identity/accounts/application/purge-ended-access';
import * as stores from '../../../src/modules/identity/accounts/infrastructure/persistence/postgres-ended-access-store';
import { type Pair, IdentityWorld, type TestUser } from './support/identity-world';

let w: IdentityWorld;
let purge: PurgeEndedAccess;
beforeAll(async () => {
  w = await IdentityWorld.start();
  purge = new PurgeEndedAccess(w.t.db.uow, new stores.PostgresEndedAccessStore());
});
afterAll(() => w.close());

/** The same rows, so much later: a test cannot wait for a week. */
const later = async (
  table: 'sessions' | 'refresh_families' | 'one_time_tokens',
  userId: string,
  days: number,
) => {
  const times = {
    sessions: ['created_at', 'last_seen_at', 'expires_at'],
    refresh_families: ['created_at', 'last_used_at', 'expires_at', 'revoked_at'],
    one_time_tokens: ['created_at', 'expires_at'],
  };
  await w.sql(
    `UPDATE identity.${table}
      SET ${times[table].map((column) => `${column} = ${column} - make_interval(days => $2)`).join(', ')}
      WHERE user_id = $1`,
    [userId, days],
  );
};
const count = async (table: string, { id }: TestUser) => {
  const of =
    table === 'refresh_tokens'
      ? 'family_id IN (SELECT id FROM identity.refresh_families WHERE user_id = $1)'
      : 'user_id = $1';
  return (await w.sql<{ n: number }>(`SELECT count(*)::int AS n FROM identity.${table} WHERE ${of}`, [id]))[0]
    ?.n;
};
const refresh = ({ refresh_token }: Pair) => w.ask('POST', '/auth/refresh', { refresh_token });

describe('access that has ended', () => {
  it('is deleted a week after its end, and not earlier', async () => {
    const ann = await w.user();
    await w.signedIn(ann);
    await w.tokens(ann);
    await w.get(Users).create({ email: ann.email, name: 'Ann Lee', isPlatformAdmin: false });
    for (const [table, livesDays] of [
      ['sessions', 1],
      ['refresh_families', 7],
      ['one_time_tokens', 7],
    ] as const) {
      await later(table, ann.id, livesDays + 6);
      await purge.execute();
      expect([table, await count(table, ann)]).toEqual([table, 1]);
      await later(table, ann.id, 1);
      await expect(purge.execute()).resolves.toEqual({ found: 1, done: 1, failed: 0, skipped: [] });
      expect([table, await count(table, ann)]).toEqual([table, 0]);
    }
    expect(await count('refresh_tokens', ann)).toBe(0);
  });

  it('is not deleted while it is alive: a used token of a live family is still recognised as a copy', async () => {
    const ann = await w.user();
    const first = await w.tokens(ann);
    const { body } = await refresh(first);
    const browser = await w.signedIn(ann);
    await w.sql(
      `UPDATE identity.refresh_tokens
        SET created_at = created_at - interval '25 days', used_at = used_at - interval '25 days'
        WHERE family_id IN (SELECT id FROM identity.refresh_families WHERE user_id = $1)`,
      [ann.id],
    );
    await w.sql(
      `UPDATE identity.refresh_families
        SET created_at = created_at - interval '25 days', expires_at = expires_at - interval '25 days'
        WHERE user_id = $1`,
      [ann.id],
    );
    await expect(purge.execute()).resolves.toMatchObject({ done: 0 });
    expect((await browser.ask('GET', '/auth/profile')).status).toBe(200);
    expect((await refresh(first)).status).toBe(401);
    expect((await refresh(body as unknown as Pair)).status).toBe(401);
    expect(w.t.log.lines.filter(({ event }) => event === 'security.refresh_reused')).toHaveLength(1);
  });

  it('is deleted in batches, families with all their tokens', async () => {
    const ann = await w.user();
    for (let i = 0; i < 5; i++) {
      const pair = await w.tokens(ann);
      await refresh(pair);
      await w.signedIn(ann);
    }
    await later('refresh_families', ann.id, 40);
    await later('sessions', ann.id, 40);
    await expect(purge.execute({ rows: 2, families: 2 })).resolves.toMatchObject({ done: 10 });
    expect([
      await count('refresh_families', ann),
      await count('refresh_tokens', ann),
      await count('sessions', ann),
    ]).toEqual([0, 0, 0]);
  });

  it('is rejected before and after its deletion with the same response', async () => {
    const ann = await w.user();
    const pair = await w.tokens(ann);
    await later('refresh_families', ann.id, 20);
    const before = await refresh(pair);
    await purge.execute();
    const after = await refresh(pair);
    const said = ({ status, body }: typeof before) => ({ status, ...body, request_id: '' });
    expect(said(after)).toEqual(said(before));
  });
});
