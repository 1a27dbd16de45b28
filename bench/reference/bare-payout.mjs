/**
 * The minimal cost of a payout over HTTP: only Fastify and pg. `POST /payouts` writes the rows that a payout
 * writes, with the same row-level security, in one statement between BEGIN and COMMIT, without checks.
 * `POST /rows` writes one row of a table of its own, without a transaction: the
 * scale. `GET /page` returns given bytes.
 */
import { createHash } from 'node:crypto';
import Fastify from 'fastify';
import pg from 'pg';
import { v7 } from 'uuid';

const { DATABASE_URL, TENANT, POOL_MAX } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: Number(POOL_MAX) });
const begin = `BEGIN; SET LOCAL app.tenant_id = '${TENANT}'`;
let page = Buffer.alloc(0);

const CREATE = `
  WITH payout AS (
    INSERT INTO payouts.payouts (tenant_id, id, recipient_id, amount_minor, currency, rail, recipient_name,
      metadata, created_by, created_at, updated_at, state)
    SELECT $1::uuid, $2::uuid, r.id, $4::bigint, 'USD', 'stripe', r.name, '{}', 'bench', now(), now(), 'NEW'
      FROM recipients.recipients r WHERE r.tenant_id = $1 AND r.id = $3
  ), key AS (
    INSERT INTO platform.idempotency_keys (tenant_id, key, fingerprint, status, body, location)
      VALUES ($1, $5, $6, 201, $7, '/api/v1/payouts/' || $2::uuid)
  ), raised AS (
    INSERT INTO ledger.accounts AS a (tenant_id, id, kind, owner, purpose, currency, minor)
      VALUES ($1, $9, 'payable', $3, 'payout', 'USD', $4)
    ON CONFLICT (tenant_id, id) DO UPDATE SET minor = a.minor + excluded.minor
  ), entry AS (
    INSERT INTO ledger.entries (tenant_id, id, reference, kind, actor, content_hash)
      VALUES ($1, $8, 'payout:' || $2::uuid || ':requested', 'payout_requested', 'bench', $6)
  ), posted AS (
    INSERT INTO ledger.postings (tenant_id, entry_id, position, from_account_id, to_account_id, minor)
      VALUES ($1, $8, 0, $10, $9, $4)
  ), audited AS (
    INSERT INTO platform.audit_log (tenant_id, id, actor_kind, actor_id, actor_name, request_id, address,
      action, entity_kind, entity_id, after)
    VALUES ($1, $11, 'api_key', $1, 'bench', $12, '127.0.0.1', 'payout.created', 'payout', $2::uuid,
      jsonb_build_object('recipient_id', $3::uuid, 'amount', $4::bigint, 'currency', 'USD', 'rail', 'stripe'))
  )
  INSERT INTO platform.outbox (tenant_id, id, name, payload)
    VALUES ($1, $13, 'payout.created', jsonb_build_object('payout_id', $2::uuid, 'status', 'NEW'))`;

const INSERT = 'INSERT INTO bench.rows (id, recipient, amount, currency) VALUES ($1, $2, $3, $4)';

const funding = accountId('funding|||USD');

function accountId(name) {
  const digest = createHash('sha256').update(name).digest('hex');
  return digest.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

async function create(body, key) {
  const id = v7();
  const response = Buffer.from(JSON.stringify({ id, ...body, status: 'NEW' }));
  const hash = createHash('sha256').update(response).digest();
  const values = [
    TENANT,
    id,
    body.recipient_id,
    BigInt(body.amount.replace('.', '')),
    key,
    hash,
    response,
    v7(),
    accountId(`payable|${body.recipient_id}|payout|USD`),
    funding,
    v7(),
    v7(),
    v7(),
  ];
  const client = await pool.connect();
  try {
    await client.query(begin);
    await client.query({ name: 'create', text: CREATE, values });
    await client.query('COMMIT');
    return response;
  } finally {
    client.release();
  }
}

async function insert({ recipient_id: recipient, amount, currency }) {
  const id = v7();
  await pool.query({
    name: 'insert',
    text: INSERT,
    values: [id, recipient, amount.replace('.', ''), currency],
  });
  return { id };
}

const app = Fastify();
app.post('/payouts', async (request, reply) =>
  reply
    .code(201)
    .type('application/json')
    .send(await create(request.body, request.headers['idempotency-key'])),
);
app.post('/rows', async (request, reply) => reply.code(201).send(await insert(request.body)));
app.get('/page', (_request, reply) => reply.type('application/json; charset=utf-8').send(page));
process.on('message', (given) => {
  page = Buffer.from(given.page);
  process.send({ ok: true });
});
process.on('disconnect', () => process.exit(0));
await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`${JSON.stringify({ ready: true, port: app.server.address().port })}\n`);
