import pg from 'pg';

/**
 * The minimal cost of expanding: one INSERT … SELECT of the transfer rows, as the application's own login, into a
 * table with the same definition, indexes and row-level security. No ledger, job, chunks or events.
 */
export async function insertSelect(appUrl, { tenant, settlement, railAccount, job }) {
  const client = new pg.Client({ connectionString: appUrl });
  await client.connect();
  try {
    const started = performance.now();
    await client.query(`BEGIN; SET LOCAL app.tenant_id = '${tenant}'`);
    const { rowCount } = await client.query(
      `INSERT INTO bench.transfers (tenant_id, id, rail, rail_account_id, recipient_id, purpose, origin_kind,
        origin_id, origin_seq, job_id, settlement_id,
                                    amount_minor, currency, max_attempts, state, due_at)
       SELECT tenant_id, uuidv7(), 'stripe', $2, recipient_id, 'award', 'award', id, 1, $3, settlement_id,
         amount_minor, 'USD', 3, 'pending', now()
         FROM settlements.awards WHERE settlement_id = $1 ORDER BY position`,
      [settlement, railAccount, job],
    );
    await client.query('COMMIT');
    return { rows: rowCount, seconds: (performance.now() - started) / 1000 };
  } finally {
    await client.end();
  }
}
