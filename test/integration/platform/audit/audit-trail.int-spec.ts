import { systemActor, type Actor } from '../../../../src/kernel/actor';
import { newId } from '../../../../src/kernel/ids';
import { PostgresAuditTrail } from '../../../../src/platform/audit/postgres-audit-trail';
import { sql } from '../../../../src/platform/database';
import { PostgresOutbox } from '../../../../src/platform/outbox/postgres-outbox';
import { testDatabase, type TestDatabase } from '../../../support';

describe('The audit trail', () => {
  let database: TestDatabase;
  const actor: Actor = {
    kind: 'api_key',
    id: newId(),
    name: 'production',
    requestId: 'r1',
    address: '192.0.2.1',
  };

  beforeAll(async () => (database = await testDatabase()));
  afterAll(() => database.close());

  const rows = (tenant: ReturnType<TestDatabase['newTenant']>) =>
    database.uow.run(tenant, (tx) =>
      sql(tx).rows<Record<string, unknown>>({
        text: 'SELECT * FROM platform.audit_log ORDER BY id',
        values: [],
      }),
    );

  it('keeps who did what to what, from where, without secrets', async () => {
    const tenant = database.newTenant();
    const entity = { kind: 'webhook_endpoint', id: newId() };
    await database.uow.run(tenant, (tx) =>
      new PostgresAuditTrail(database.uow).record(tx, actor, {
        action: 'webhook_endpoint.rotated',
        entity,
        before: { family: 'account' },
        after: { family: 'account', secret: 'whsec_1' },
      }),
    );
    expect(await rows(tenant)).toMatchObject([
      {
        actor_kind: 'api_key',
        actor_id: actor.id,
        actor_name: 'production',
        request_id: 'r1',
        address: '192.0.2.1',
        action: 'webhook_endpoint.rotated',
        entity_kind: 'webhook_endpoint',
        entity_id: entity.id,
        before: { family: 'account' },
        after: { family: 'account', secret: '[redacted]' },
      },
    ]);
  });

  it('is part of the transaction of what was done, and not something that follows it', async () => {
    const tenant = database.newTenant();
    const seen = await database.uow.run(tenant, async (tx) => {
      await new PostgresAuditTrail(database.uow).record(tx, actor, {
        action: 'thing.made',
        entity: { kind: 'thing', id: '1' },
      });
      return sql(tx).rows({ text: 'SELECT action FROM platform.audit_log', values: [] });
    });
    expect(seen).toEqual([{ action: 'thing.made' }]);
  });

  it('takes a record along with the events of the same fact, in one statement', async () => {
    const tenant = database.newTenant();
    const record = { action: 'thing.made', entity: { kind: 'thing', id: '1' }, after: { size: '2' } };
    const events = [
      { name: 'thing.made', payload: { thing_id: '1' } },
      { name: 'thing.told', payload: {} },
    ];
    await database.uow.run(tenant, (tx) =>
      new PostgresOutbox(database.uow, () => undefined).publish(tx, events, {
        actor: systemActor('test'),
        records: [record],
      }),
    );
    expect(await rows(tenant)).toMatchObject([
      {
        actor_kind: 'system',
        actor_id: null,
        actor_name: 'test',
        action: 'thing.made',
        after: { size: '2' },
      },
    ]);
    const told = await database.uow.run(tenant, (tx) =>
      sql(tx).rows({ text: 'SELECT name FROM platform.outbox ORDER BY name', values: [] }),
    );
    expect(told).toEqual([{ name: 'thing.made' }, { name: 'thing.told' }]);
  });

  it('is gone with what was undone', async () => {
    const tenant = database.newTenant();
    const undone = database.uow.run(tenant, async (tx) => {
      await new PostgresAuditTrail(database.uow).record(tx, actor, {
        action: 'thing.made',
        entity: { kind: 'thing', id: '1' },
      });
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await rows(tenant)).toEqual([]);
  });

  it.each([
    "UPDATE platform.audit_log SET actor_name = 'somebody else'",
    'DELETE FROM platform.audit_log',
    'TRUNCATE platform.audit_log',
  ])('refuses %s', async (text) => {
    await expect(
      database.uow.run(database.newTenant(), (tx) => sql(tx).count({ text, values: [] })),
    ).rejects.toThrow('permission denied');
  });
});
