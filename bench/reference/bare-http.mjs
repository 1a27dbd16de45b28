/**
 * The minimal cost of a response over HTTP: only Fastify and pg. `POST /settlements` writes the rows that recording
 * a settlement writes, with the same row-level security, in one statement between BEGIN and COMMIT, without checks.
 * `GET /page` returns given bytes.
 */
import { createHash } from 'node:crypto';
import Fastify from 'fastify';
import pg from 'pg';
import { v7 } from 'uuid';

const { DATABASE_URL, TENANT, POOL_MAX } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: Number(POOL_MAX) });
const begin = `BEGIN; SET LOCAL app.tenant_id = '${TENANT}'`;
let page = Buffer.alloc(0);

const RECORD = `
  WITH payee AS (
    SELECT r.id, a.n, a.minor, a.award, l.account
      FROM unnest($8::text[], $9::bigint[], $10::uuid[]) WITH ORDINALITY a (external_id, minor, award, n)
      JOIN recipients.recipients r ON r.tenant_id = $1 AND r.external_id = a.external_id
     CROSS JOIN LATERAL (SELECT id AS account FROM ledger.accounts l WHERE l.tenant_id = $1
       AND l.kind = 'payable' AND l.owner = r.id AND l.purpose = 'award' AND l.currency = 'USD') l
  ), key AS (
    INSERT INTO platform.idempotency_keys (tenant_id, key, fingerprint, status, body, location)
      VALUES ($1, $3, $6, 201, $7, '/api/v1/settlements/' || $2::uuid)
  ), settlement AS (
    INSERT INTO settlements.settlements (tenant_id, id, contest_id, currency, rail, pool_minor,
      platform_share_minor, remainder_minor, allow_remainder, state, award_count, awards_minor,
                                         recorded_through, reversed_through, result_hash, exclusions,
                                           created_by, created_at, recorded_at)
    VALUES ($1, $2, $4, 'USD', 'stripe', $5, 0, 0, false, 'recorded', cardinality($8), $5, cardinality($8), 0,
      repeat('0', 64), '[]', 'bench', now(), now())
  ), awarded AS (
    INSERT INTO settlements.awards (tenant_id, settlement_id, position, id, recipient_id, amount_minor)
      SELECT $1, $2, n - 1, award, id, minor FROM payee
  ), pot AS (
    INSERT INTO ledger.accounts (tenant_id, id, kind, owner, currency) VALUES ($1, $12, 'pot', $2, 'USD')
  ), moved AS (
    UPDATE ledger.accounts a SET minor = a.minor + p.minor FROM payee p WHERE a.tenant_id = $1
      AND a.id = p.account
  ), entry AS (
    INSERT INTO ledger.entries (tenant_id, id, reference, kind, actor, content_hash)
      VALUES ($1, $11, 'settlement:' || $2::uuid || ':recorded', 'settlement_recorded', 'bench', $6)
  ), posted AS (
    INSERT INTO ledger.postings (tenant_id, entry_id, position, from_account_id, to_account_id, minor)
    SELECT $1, $11, 0, $13, $12, $5 UNION ALL SELECT $1, $11, n, $12, account, minor FROM payee
  )
  INSERT INTO platform.outbox (tenant_id, id, name, payload)
    VALUES ($1, $14, 'settlement.recorded', jsonb_build_object('settlement_id', $2::uuid))`;

const funding = accountId('funding|||USD');

function accountId(name) {
  const digest = createHash('sha256').update(name).digest('hex');
  return digest.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function minorOf(text) {
  return BigInt(text.replace('.', ''));
}

async function record(body, key) {
  const id = v7();
  const response = Buffer.from(JSON.stringify({ id, ...body }));
  const values = [
    TENANT,
    id,
    key,
    body.contest_id,
    minorOf(body.pool),
    createHash('sha256').update(response).digest(),
    response,
    body.awards.map((award) => award.external_id),
    body.awards.map((award) => minorOf(award.amount)),
    body.awards.map(() => v7()),
    v7(),
    accountId(`pot|${id}||USD`),
    funding,
    v7(),
  ];
  const client = await pool.connect();
  try {
    await client.query(begin);
    await client.query({ name: 'record', text: RECORD, values });
    await client.query('COMMIT');
    return response;
  } finally {
    client.release();
  }
}

const app = Fastify();
app.post('/settlements', async (request, reply) =>
  reply
    .code(201)
    .type('application/json')
    .send(await record(request.body, request.headers['idempotency-key'])),
);
app.get('/page', (_request, reply) => reply.type('application/json; charset=utf-8').send(page));
process.on('message', (given) => {
  page = Buffer.from(given.page);
  process.send({ ok: true });
});
process.on('disconnect', () => process.exit(0));
await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`${JSON.stringify({ ready: true, port: app.server.address().port })}\n`);
