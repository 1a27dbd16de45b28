import { APP, SqlMigration, tenantRowSecurity } from '../../database';

/**
 * A stored body is bytes, not jsonb: a repeated response must be equal to the byte, and jsonb reorders keys.
 */
const KEYS = [
  `CREATE TABLE platform.idempotency_keys (
     tenant_id uuid NOT NULL,
     key text NOT NULL CHECK (length(key) BETWEEN 8 AND 255),
     fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
     status int CHECK (status BETWEEN 200 AND 299),
     body bytea,
     location text,
     created_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (tenant_id, key),
     CHECK ((status IS NULL) = (body IS NULL))
   ) WITH (fillfactor = 70)`,
  `CREATE INDEX idempotency_keys_by_age ON platform.idempotency_keys (tenant_id, created_at)`,
  ...tenantRowSecurity({
    table: 'platform.idempotency_keys',
    app: ['INSERT', 'UPDATE', 'DELETE'],
    updatable: ['status', 'body', 'location'],
    routing: ['tenant_id', 'created_at'],
  }),
];

const CLAIM = [
  `CREATE FUNCTION platform.claim_idempotency_key(
     p_tenant uuid, p_key text, p_fingerprint bytea,
     OUT claimed boolean, OUT fingerprint bytea, OUT status int, OUT body bytea, OUT location text)
   LANGUAGE plpgsql SET search_path = pg_catalog SET lock_timeout = '2s' AS $$
   BEGIN
     INSERT INTO platform.idempotency_keys (tenant_id, key, fingerprint)
     VALUES (p_tenant, p_key, p_fingerprint) ON CONFLICT DO NOTHING;
     claimed := FOUND;
     fingerprint := p_fingerprint;
     IF NOT claimed THEN
       SELECT k.fingerprint, k.status, k.body, k.location INTO fingerprint, status, body, location
         FROM platform.idempotency_keys k WHERE k.tenant_id = p_tenant AND k.key = p_key;
     END IF;
   END $$`,
  `REVOKE ALL ON FUNCTION platform.claim_idempotency_key(uuid, text, bytea) FROM PUBLIC`,
  `GRANT EXECUTE ON FUNCTION platform.claim_idempotency_key(uuid, text, bytea) TO ${APP}`,
];

/** The first response to each idempotency key, written in the transaction of its effect. */
export class Idempotency1764000001000 extends SqlMigration {
  readonly name = 'Idempotency1764000001000';

  statements(): string[] {
    return [...KEYS, ...CLAIM];
  }
}
