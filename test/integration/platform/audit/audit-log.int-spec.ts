import { newId } from '../../../../src/kernel/ids';
import { AuditTrail } from '../../../../src/platform/audit';
import { pageOfRecords } from '../../../../src/platform/audit/list-audit-log.query';
import { sql } from '../../../../src/platform/database';
import type { Actor } from '../../../../src/kernel/actor';
import { testApp, type Caller, type TestApp } from '../../http/support/test-app';

interface Listed {
  readonly results: {
    id: string;
    at: string;
    action: string;
    actor: { kind: string; id: string | null };
    entity: { id: string };
    before: unknown;
    after: unknown;
    request_id: string | null;
  }[];
  readonly next: string | null;
  readonly previous: string | null;
}

describe('GET /audit-log', () => {
  let t: TestApp;
  let caller: Caller;
  const ann: Actor = {
    kind: 'user',
    id: newId(),
    name: 'Ann',
    requestId: 'request-of-ann',
    address: '192.0.2.1',
  };

  beforeAll(async () => {
    t = await testApp();
    caller = await t.caller(['audit:read']);
    await t.db.uow.run(caller.tenant, async (tx) => {
      for (const id of ['1', '2', '3'])
        await t.app.get(AuditTrail).record(tx, ann, {
          action: 'thing.changed',
          entity: { kind: 'thing', id },
          before: { size: '1' },
          after: { size: '2', secret: 'x' },
        });
    });
  });
  afterAll(() => t.close());

  const get = (query: string, as = caller) =>
    t.send(as, { url: query.startsWith('/') ? query : `/api/v1/audit-log${query}` });
  const list = async (query: string, as = caller) => {
    const answer = await get(query, as);
    expect([answer.statusCode, answer.body]).toEqual([200, expect.anything()]);
    return answer.json<Listed>();
  };
  const ids = ({ results }: Listed) => results.map(({ entity }) => entity.id);

  it('shows what was done, newest first and page by page, without secrets', async () => {
    const first = await list('?limit=3');
    expect(first.results[0]).toMatchObject({
      action: 'thing.changed',
      actor: { kind: 'user', id: ann.id, name: 'Ann' },
      entity: { kind: 'thing', id: '3' },
      before: { size: '1' },
      after: { size: '2', secret: '[redacted]' },
      request_id: 'request-of-ann',
      address: '192.0.2.1',
    });
    const second = await list(first.next as string);
    expect([...first.results, ...second.results].map(({ action }) => action)).toEqual(
      expect.arrayContaining(['api_key.created']),
    );
    expect(ids(await list(second.previous as string))).toEqual(ids(first));
  });

  it('is narrowed by what was done, to what, by whom and when', async () => {
    expect(ids(await list('?action=thing.changed'))).toEqual(['3', '2', '1']);
    expect(ids(await list('?entity_kind=thing&entity_id=2'))).toEqual(['2']);
    expect(ids(await list(`?actor_id=${ann.id}&actor_kind=USER`))).toEqual(['3', '2', '1']);
    expect((await list('?actor_kind=system')).results.map(({ action }) => action)).toContain(
      'tenant.created',
    );
    const { at } = (await list('?limit=1')).results[0] as Listed['results'][number];
    const around = (ms: number) => new Date(Date.parse(at) + ms).toISOString();
    expect(ids(await list(`?action=thing.changed&at[gte]=${around(-1)}&at[lte]=${around(1)}`))).toEqual([
      '3',
      '2',
      '1',
    ]);
    expect(ids(await list(`?at[gte]=${around(1)}`))).toEqual([]);
    expect(ids(await list(`?action=thing.changed&at[lte]=${around(-1)}`))).toEqual([]);
  });

  it.each([
    ['?what=1', 'what'],
    ['?action=everything', 'action'],
    ['?entity_id=2', 'entity_id'],
    ['?actor_id=ann', 'actor_id'],
    ['?at[gte]=yesterday', 'at[gte]'],
    ['?at=2025-01-01T00:00:00Z', 'at'],
  ])('refuses %s', async (query, field) => {
    const answer = await get(query);
    expect([answer.statusCode, Object.keys(answer.json<{ errors: object }>().errors)]).toEqual([
      422,
      [field],
    ]);
  });

  it("is the tenant's own, and for those who may read it", async () => {
    expect(
      (await list('', await t.caller(['audit:read']))).results.filter(
        ({ action }) => action === 'thing.changed',
      ),
    ).toEqual([]);
    expect((await get('', await t.caller(['tenant:*', 'settlements:*']))).statusCode).toBe(403);
  });

  it.each([
    ['all', {}, /audit_log_pkey/],
    ['one entity', { entityKind: 'thing', entityId: '2' }, /audit_log_by_entity/],
    ['one caller', { actorId: newId() }, /audit_log_by_actor/],
    ['one action', { action: 'thing.changed' }, /audit_log_by_action/],
    [
      'a time',
      { from: '2025-01-01T00:00:00Z', to: '2025-01-02T00:00:00+02:00' },
      /audit_log_pkey[^]*id <= '01942/,
    ],
  ])(
    'finds %s by an index in the order of the page, as the application sees it',
    async (_what, filters, index) => {
      const { text, values } = pageOfRecords(caller.tenant, filters, {
        take: 21,
        position: null,
        backwards: false,
      });
      const plan = await t.db.uow.run(caller.tenant, async (tx) => {
        await sql(tx).count({ text: 'SET LOCAL enable_seqscan = off', values: [] });
        return sql(tx).rows<Record<string, string>>({ text: `EXPLAIN ${text}`, values });
      });
      const lines = plan.map((row) => row['QUERY PLAN'] ?? '').join('\n');
      expect(lines).toMatch(index);
      expect(lines).not.toMatch(/Sort/);
    },
  );
});
