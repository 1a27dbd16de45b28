import { Installation, isCompleted, TenantWorld, urlOf } from '../support/installation';
import { until } from '../../scripts/lib/processes.cjs';

/** FAIRNESS_ROWS for another size. */
const ROWS = Number(process.env['FAIRNESS_ROWS'] ?? 500_000);
/** One large account more than a worker works on at once, so that no slot is free by itself. */
const OTHERS = 4;
const OTHERS_ROWS = 20_000;
const SMALL = 10;
const SERVED_MS = 60_000;
const SOON_MS = 30_000;

let installation: Installation;
let large: TenantWorld;
let others: TenantWorld[];
let small: TenantWorld;

beforeAll(async () => {
  installation = await Installation.start();
  const control = urlOf(await installation.program(['api', 'scheduler']));
  large = await TenantWorld.given(installation, control);
  others = [];
  for (let i = 0; i < OTHERS; i++) others.push(await TenantWorld.given(installation, control));
  small = await TenantWorld.given(installation, control);
}, SERVED_MS);
afterAll(() => installation.close());

/**
 * Many due transfers of a cent to one recipient, reserved as one entry, as by a settlement of that size. Made by
 * SQL.
 */
async function owes(tenant: TenantWorld, rows: number): Promise<void> {
  const [payee] = await tenant.recipients(1);
  const first = await tenant.settles([payee!], () => 1n);
  await tenant.allTransfers(first, ({ state }) => state === 'pending', SOON_MS);
  await installation.rows(
    `INSERT INTO transfers.transfers (tenant_id, id, rail, rail_account_id, recipient_id, purpose,
      origin_kind, origin_id, origin_seq, amount_minor, currency, max_attempts, state, due_at)
     SELECT $1, uuid, 'stripe', $2, $3, 'award', 'bulk', uuid, 1, 1, 'USD', 3, 'pending',
       now() - interval '1 hour'
       FROM (SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS uuid
         FROM generate_series(1, $4::int) n) made`,
    [tenant.id, tenant.railAccountId, payee!.id, rows],
  );
  await installation.rows(
    `WITH entry AS (
       INSERT INTO ledger.entries (tenant_id, id, reference, kind, actor, content_hash)
         VALUES ($1, gen_random_uuid(), 'bulk', 'transfers_reserved', 'test', decode(repeat('00', 32), 'hex'))
         RETURNING id
     ), reserved AS (
       UPDATE ledger.accounts SET minor = minor + $3::bigint WHERE tenant_id = $1 AND kind = 'reserved'
         AND owner = $2 RETURNING id
     )
     INSERT INTO ledger.postings (tenant_id, entry_id, position, from_account_id, to_account_id, minor)
     SELECT $1, entry.id, 0, (SELECT id FROM ledger.accounts WHERE tenant_id = $1
       AND kind = 'funding'), reserved.id, $3 FROM entry, reserved`,
    [tenant.id, payee!.id, rows],
  );
}

/** Paid and still due, without reading half a million rows. */
async function progress(tenant: TenantWorld): Promise<{ paid: bigint; due: boolean }> {
  const [row] = await installation.rows<{ paid: bigint; due: boolean }>(
    `SELECT (SELECT count(*) FROM transfers.transfers WHERE tenant_id = $1 AND state = 'completed') AS paid,
            EXISTS (SELECT FROM transfers.transfers WHERE tenant_id = $1 AND due_at <= now()) AS due`,
    [tenant.id],
  );
  return row!;
}

describe('a tenant with ten transfers', () => {
  it(
    `is paid within a minute while ${ROWS} transfers of another, due long before, are worked on`,
    () =>
      installation.explaining(async () => {
        await Promise.all([owes(large, ROWS), ...others.map((other) => owes(other, OTHERS_ROWS))]);
        await installation.rows('ANALYZE transfers.transfers');
        await installation.program('worker');
        await until(
          async () => (await progress(large)).paid > 0n,
          SERVED_MS,
          () => 'the large account is not worked on',
        );
        const before = await progress(large);
        const requestedAt = performance.now();
        const settled = await small.settles(await small.recipients(SMALL), () => 100n);
        await small.allTransfers(settled, isCompleted, SERVED_MS);
        const servedMs = Math.round(performance.now() - requestedAt);
        const after = await progress(large);
        process.stdout.write(
          `    ten transfers were paid in ${servedMs} ms; ` +
            `meanwhile ${after.paid - before.paid} of ${ROWS} of the large account\n`,
        );
        expect(servedMs).toBeLessThan(SERVED_MS);
        expect(after.due).toBe(true);
        await until(
          async () => (await progress(large)).paid > after.paid,
          SOON_MS,
          () => 'the large account stands still afterwards',
        );
        await Promise.all(
          others.map((other) =>
            until(
              async () => (await progress(other)).paid > 0n,
              SERVED_MS,
              () => 'another large account starves',
            ),
          ),
        );
      }),
    6 * SERVED_MS,
  );
});
