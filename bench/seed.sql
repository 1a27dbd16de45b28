-- Data of the benchmarks, written by the administrator with one statement per table. Every constraint and trigger
-- applies; amounts, account ids and ledger entries are those that the program would have written.
CREATE SCHEMA bench;

-- As src/modules/ledger/domain/account-id.ts.
CREATE FUNCTION bench.account_id(kind text, owner uuid, purpose text, currency text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT left(encode(sha256(convert_to(kind || '|' || coalesce(owner::text, '') || '|' || coalesce(purpose, '') || '|' || currency, 'utf8')), 'hex'), 32)::uuid
$$;

CREATE FUNCTION bench.tenant(tenant uuid, rail_account uuid, sealed_key text, key_prefix text, key_hash bytea) RETURNS void LANGUAGE sql AS $$
  INSERT INTO tenancy.tenants (id, name, slug, status) VALUES (tenant, 'Bench', 'bench', 'active');
  INSERT INTO tenancy.settings (tenant_id) VALUES (tenant);
  INSERT INTO identity.api_keys (tenant_id, id, name, prefix, secret_hash, scopes) VALUES (tenant, uuidv7(), 'bench', key_prefix, key_hash, '{*}');
  INSERT INTO connections.rail_accounts (tenant_id, id, rail, provider_account_id, mode, secret_key, status, created_at)
  VALUES (tenant, rail_account, 'stripe', 'acct_sim_' || rail_account, 'test', sealed_key, 'active', now());
$$;

-- With their payable and reserved accounts: people who have been paid before.
CREATE FUNCTION bench.recipients(tenant uuid, rail_account uuid, count int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO recipients.recipients (tenant_id, id, type, name, country, external_id, is_active, metadata, created_at, updated_at)
  SELECT tenant, uuidv7(), 'INDIVIDUAL', 'Payee ' || n, 'US', 'user-' || n, true, '{}', now(), now() FROM generate_series(1, count) n;
  INSERT INTO recipients.connected_accounts (tenant_id, recipient_id, stripe_account_id, rail_account_id, transfers_capability, checked_at, watched, version)
  SELECT tenant, id, 'acct_sim_bench_' || substr(external_id, 6), rail_account, 'active', now(), false, 1 FROM recipients.recipients WHERE tenant_id = tenant;
  INSERT INTO ledger.accounts (tenant_id, id, kind, owner, purpose, currency, minor)
  SELECT tenant, bench.account_id(kind, r.id, 'award', 'USD'), kind, r.id, 'award', 'USD', 0
    FROM recipients.recipients r CROSS JOIN (VALUES ('payable'), ('reserved')) k (kind) WHERE r.tenant_id = tenant;
  INSERT INTO ledger.accounts (tenant_id, id, kind, currency) VALUES (tenant, bench.account_id('funding', NULL, NULL, 'USD'), 'funding', 'USD');
  INSERT INTO ledger.accounts (tenant_id, id, kind, owner, currency)
  VALUES (tenant, bench.account_id('external', rail_account, NULL, 'USD'), 'external', rail_account, 'USD');
$$;

CREATE TYPE bench.line AS (from_id uuid, to_id uuid, minor bigint);

CREATE FUNCTION bench.post(tenant uuid, reference text, kind text, lines bench.line[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  entry uuid := uuidv7();
BEGIN
  INSERT INTO ledger.entries (tenant_id, id, reference, kind, actor, content_hash)
  SELECT tenant, entry, reference, kind, 'bench',
         sha256(convert_to(kind || E'\n' || string_agg(format('%s %s %s', l.from_id, l.to_id, l.minor), E'\n' ORDER BY format('%s %s %s', l.from_id, l.to_id, l.minor) COLLATE "C"), 'utf8'))
    FROM unnest(lines) l;
  INSERT INTO ledger.postings (tenant_id, entry_id, position, from_account_id, to_account_id, minor)
  SELECT tenant, entry, n - 1, l.from_id, l.to_id, l.minor FROM unnest(lines) WITH ORDINALITY l (from_id, to_id, minor, n);
  UPDATE ledger.accounts a SET minor = a.minor + d.minor
    FROM (SELECT id, sum(minor) AS minor FROM (SELECT to_id AS id, minor FROM unnest(lines) UNION ALL SELECT from_id, -minor FROM unnest(lines)) s GROUP BY id) d
   WHERE a.tenant_id = tenant AND a.id = d.id AND a.minor IS NOT NULL;
END $$;

-- 1.00 to 9.99 USD to each of the first `count` recipients.
CREATE FUNCTION bench.settlement(tenant uuid, count int) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  settlement uuid := uuidv7();
  pot uuid := bench.account_id('pot', settlement, NULL, 'USD');
  total bigint := (SELECT sum(100 + n % 900) FROM generate_series(0, count - 1) n);
BEGIN
  INSERT INTO settlements.settlements (tenant_id, id, contest_id, currency, rail, pool_minor, platform_share_minor, remainder_minor, allow_remainder, state, award_count,
                                       awards_minor, recorded_through, reversed_through, result_hash, exclusions, created_by, created_at, recorded_at)
  VALUES (tenant, settlement, 'contest-' || settlement, 'USD', 'stripe', total, 0, 0, false, 'recorded', count, total, count, 0, repeat('0', 64), '[]', 'bench', now(), now());
  INSERT INTO settlements.awards (tenant_id, settlement_id, position, id, recipient_id, amount_minor)
  SELECT tenant, settlement, n, uuidv7(), r.id, 100 + n % 900
    FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM recipients.recipients WHERE tenant_id = tenant ORDER BY id LIMIT count) r;
  INSERT INTO ledger.accounts (tenant_id, id, kind, owner, currency) VALUES (tenant, pot, 'pot', settlement, 'USD');
  PERFORM bench.post(tenant, 'settlement:' || settlement || ':recorded', 'settlement_recorded',
    ROW(bench.account_id('funding', NULL, NULL, 'USD'), pot, total)::bench.line
    || array_agg(ROW(pot, bench.account_id('payable', recipient_id, 'award', 'USD'), amount_minor)::bench.line))
    FROM settlements.awards WHERE tenant_id = tenant AND settlement_id = settlement;
  RETURN settlement;
END $$;

CREATE FUNCTION bench.expand(tenant uuid, settlement uuid, rail_account uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  job uuid := uuidv7();
BEGIN
  INSERT INTO settlements.payout_jobs (tenant_id, id, settlement_id, rail_account_id, status, expanded_through, total, created_at, started_at)
  SELECT tenant, job, settlement, rail_account, 'processing', award_count, award_count, now(), now() FROM settlements.settlements WHERE tenant_id = tenant AND id = settlement;
  UPDATE settlements.settlements SET state = 'expanded' WHERE tenant_id = tenant AND id = settlement;
  INSERT INTO transfers.transfers (tenant_id, id, rail, rail_account_id, recipient_id, purpose, origin_kind, origin_id, origin_seq, job_id, settlement_id,
                                   amount_minor, currency, max_attempts, state, due_at)
  SELECT tenant, uuidv7(), 'stripe', rail_account, recipient_id, 'award', 'award', id, 1, job, settlement, amount_minor, 'USD', 3, 'pending', now()
    FROM settlements.awards WHERE tenant_id = tenant AND settlement_id = settlement ORDER BY position;
  PERFORM bench.post(tenant, 'job:' || job || ':reserved:0', 'transfers_reserved',
    array_agg(ROW(bench.account_id('payable', recipient_id, 'award', 'USD'), bench.account_id('reserved', recipient_id, 'award', 'USD'), amount_minor)::bench.line))
    FROM settlements.awards WHERE tenant_id = tenant AND settlement_id = settlement;
  RETURN job;
END $$;

-- Transfers that were paid, each with its one call, over the past year.
CREATE FUNCTION bench.finished(tenant uuid, rail_account uuid, count int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO transfers.transfers (tenant_id, id, rail, rail_account_id, recipient_id, purpose, origin_kind, origin_id, origin_seq, job_id, settlement_id, amount_minor, currency,
                                   max_attempts, state, generation, attempts, frozen, first_sent_at, last_sent_at, provider_transfer_id, balance_transaction_id,
                                   destination_payment_id, completed_at, created_at)
  SELECT tenant, t.id, 'stripe', rail_account, r.id, 'award', 'award', uuidv7(), 1, j.id, j.id, 100 + n % 900, 'USD', 3, 'completed', 1, 1,
         jsonb_build_object('key', 'transfer:' || t.id || ':g1', 'amountMinor', (100 + n % 900)::text, 'currency', 'USD', 'destination', 'acct_sim_bench_1',
           'transferGroup', 'disburse_' || t.id, 'description', 'Disburse transfer ' || t.id, 'apiVersion', '2026-10-28.endive',
           'metadata', jsonb_build_object('disburse_tenant', tenant, 'disburse_transfer', t.id, 'disburse_job', j.id, 'disburse_settlement', j.id)),
         t.at, t.at, 'tr_old_' || n, 'txn_old_' || n, 'py_old_' || n, t.at, t.at
    FROM generate_series(1, count) n
    CROSS JOIN LATERAL (SELECT uuidv7(i) AS id, now() + i AS at FROM (SELECT interval '-1 year' + n * interval '1 second' AS i) s) t
    JOIN (SELECT uuidv7() AS id, g FROM generate_series(0, count / 10000) g) j ON j.g = n / 10000
    JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS nth, count(*) OVER () AS of FROM recipients.recipients WHERE tenant_id = tenant) r ON r.nth = n % r.of;
  INSERT INTO transfers.attempts (tenant_id, transfer_id, number, call_kind, generation, key, destination, outcome, http_status, provider_request_id, reason, started_at, finished_at)
  SELECT tenant, id, 1, 'send', 1, frozen ->> 'key', frozen ->> 'destination', 'succeeded', 200, 'req_' || provider_transfer_id, 'paid', completed_at, completed_at
    FROM transfers.transfers WHERE tenant_id = tenant AND state = 'completed';
$$;

-- A copy of the table for the bare INSERT: definition, indexes and row-level security.
CREATE TABLE bench.transfers (LIKE transfers.transfers INCLUDING ALL);
ALTER TABLE bench.transfers ENABLE ROW LEVEL SECURITY;
ALTER TABLE bench.transfers FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON bench.transfers TO disburse_app
  USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT USAGE ON SCHEMA bench TO disburse_app;
GRANT SELECT, INSERT ON bench.transfers TO disburse_app;

-- Payouts that were made over the past year and paid, one a second.
CREATE FUNCTION bench.payouts(tenant uuid, count int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO payouts.payouts (tenant_id, id, recipient_id, amount_minor, currency, rail, state, transfer_id, recipient_name, description, metadata, created_by, created_at, updated_at, finished_at)
  SELECT tenant, t.id, r.id, 100 + n % 90000, 'USD', 'stripe', 'COMPLETED', uuidv7(), r.name, 'Invoice ' || n, '{}', 'bench', t.at, t.at, t.at
    FROM generate_series(1, count) n
    CROSS JOIN LATERAL (SELECT uuidv7(i) AS id, now() + i AS at FROM (SELECT interval '-1 year' + n * interval '1 second' AS i) s) t
    JOIN (SELECT id, name, row_number() OVER (ORDER BY id) - 1 AS nth FROM recipients.recipients WHERE tenant_id = tenant) r
      ON r.nth = n % (SELECT count(*) FROM recipients.recipients WHERE tenant_id = tenant);
$$;

-- The scale for comparing machines: one row, no row-level security.
CREATE TABLE bench.rows (id uuid PRIMARY KEY, recipient uuid NOT NULL, amount bigint NOT NULL, currency text NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
GRANT INSERT ON bench.rows TO disburse_app;
