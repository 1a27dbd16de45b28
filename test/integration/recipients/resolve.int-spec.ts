import { newId } from '../../../src/kernel/ids';
import { type RecipientRef, Recipients } from '../../../src/modules/recipients';
import { resolveRecipients } from '../../../src/modules/recipients/infrastructure/persistence/sql/find-recipients.sql';
import { type Caller, RailWorld } from '../connections/support/rail-world';

describe('resolving recipients in bulk', () => {
  let world: RailWorld;
  let recipients: Recipients;
  let tenant: Caller;
  const MANY = 5_000;

  beforeAll(async () => {
    world = await RailWorld.start();
    recipients = world.app.get(Recipients, { strict: false });
    tenant = await world.caller();
    await seed(tenant);
  });
  afterAll(() => world.close());

  async function seed(of: Caller): Promise<void> {
    const ids = Array.from({ length: MANY }, () => newId());
    await world.rows(
      of.tenant,
      `INSERT INTO recipients.recipients (tenant_id, id, type, name, country, external_id, is_active,
        metadata, created_at, updated_at)
       SELECT $1, id, 'INDIVIDUAL', 'R' || n, 'US', 'r' || n, n % 10 <> 0, '{}', now(), now()
         FROM unnest($2::uuid[]) WITH ORDINALITY AS i (id, n)`,
      [of.tenant, ids],
    );
  }
  const resolve = (refs: RecipientRef[], of = tenant) =>
    world.db.uow.run(of.tenant, (tx) => recipients.resolve(tx, refs));

  it('returns recipients in the order of the references, repeated ones twice, and null for unknown ones', async () => {
    const [one] = await resolve([{ externalId: 'r1' }]);
    const id = one?.id as string;
    const found = await resolve([
      { externalId: 'unknown' },
      { recipientId: id },
      { externalId: 'r10' },
      { recipientId: 'no uuid' },
      { externalId: 'r1' },
      { recipientId: newId() },
    ]);
    expect(found).toEqual([
      null,
      one,
      expect.objectContaining({ name: 'R10', isActive: false }),
      null,
      one,
      null,
    ]);
    expect(one).toEqual({ id, externalId: 'r1', name: 'R1', isActive: true });
  });

  it('finds no recipient of another tenant', async () => {
    const otherTenant = await world.caller();
    const [one] = await resolve([{ externalId: 'r1' }]);
    expect(await resolve([{ externalId: 'r1' }, { recipientId: one?.id as string }], otherTenant)).toEqual([
      null,
      null,
    ]);
  });

  it('resolves 5,000 references through the indexes, and rejects more', async () => {
    const refs = Array.from({ length: MANY }, (_, n) => ({ externalId: `r${n + 1}` }));
    expect((await resolve(refs)).every((row) => row !== null)).toBe(true);
    await expect(resolve([...refs, { externalId: 'r1' }])).rejects.toThrow('at most 5000');
    const { text, values } = resolveRecipients(
      tenant.tenant,
      [[0, newId()]],
      [
        [1, 'r1'],
        [2, 'r2'],
      ],
    );
    const plan = await world.rows(tenant.tenant, `EXPLAIN ${text}`, values);
    expect(JSON.stringify(plan)).toMatch(/recipients_pkey.*recipients_external_id/);
  });

  it('returns where recipients are paid, and leaves out unknown ids', async () => {
    const [one, two] = await resolve([{ externalId: 'r1' }, { externalId: 'r20' }]);
    const payable = await world.db.uow.run(tenant.tenant, (tx) =>
      recipients.payableOf(tx, [one?.id as string, two?.id as string, newId()]),
    );
    expect([...payable.values()]).toEqual(
      expect.arrayContaining([
        { stripeAccountId: null, transfersCapability: null, isActive: true },
        { stripeAccountId: null, transfersCapability: null, isActive: false },
      ]),
    );
    expect(payable.size).toBe(2);
  });
});
