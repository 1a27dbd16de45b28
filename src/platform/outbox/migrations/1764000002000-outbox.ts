import { SqlMigration, SYSTEM, tenantRowSecurity } from '../../database';

/**
 * A delivered event is marked on its own row. A single mark for "all up to here" would skip the row of a slow
 * transaction, because ids are taken before the commit. `available_at` is both the lease of a claim and the
 * pause after a failure.
 */
const OUTBOX = [
  `CREATE TABLE platform.outbox (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     name text NOT NULL CHECK (name ~ '^[a-z_]+(\\.[a-z_]+)+$'),
     payload jsonb NOT NULL CHECK (jsonb_typeof(payload) = 'object'),
     occurred_at timestamptz NOT NULL DEFAULT now(),
     available_at timestamptz NOT NULL DEFAULT now(),
     tries integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
     delivered_at timestamptz,
     PRIMARY KEY (tenant_id, id)
   ) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000)`,
  // autovacuum: every row is updated twice soon after its insert, and with the default of 20 % dead rows the
  // scan for due events becomes slow.
  `CREATE INDEX outbox_due ON platform.outbox (tenant_id, available_at) WHERE delivered_at IS NULL`,
  `CREATE INDEX outbox_delivered ON platform.outbox (delivered_at) WHERE delivered_at IS NOT NULL`,
  ...tenantRowSecurity({
    table: 'platform.outbox',
    // An operator of the tenant may have a parked event delivered once more.
    app: ['INSERT', 'UPDATE'],
    updatable: ['available_at', 'delivered_at', 'tries'],
    routing: ['tenant_id', 'id', 'name', 'occurred_at', 'available_at', 'tries', 'delivered_at'],
  }),
  `CREATE POLICY system_claims ON platform.outbox FOR UPDATE TO ${SYSTEM} USING (true) WITH CHECK (true)`,
  `CREATE POLICY system_purges ON platform.outbox FOR DELETE TO ${SYSTEM} USING (delivered_at IS NOT NULL)`,
  `GRANT UPDATE (available_at, tries, delivered_at), DELETE ON platform.outbox TO ${SYSTEM}`,
];

const INBOX = [
  `CREATE TABLE platform.inbox (
     tenant_id uuid NOT NULL,
     event_id uuid NOT NULL,
     consumer text NOT NULL,
     claimed_at timestamptz NOT NULL DEFAULT now(),
     PRIMARY KEY (tenant_id, event_id, consumer)
   )`,
  ...tenantRowSecurity({ table: 'platform.inbox', app: ['INSERT'], routing: ['tenant_id', 'event_id'] }),
  `CREATE POLICY system_purges ON platform.inbox FOR DELETE TO ${SYSTEM} USING (true)`,
  `GRANT DELETE ON platform.inbox TO ${SYSTEM}`,
];

const FAILURES = [
  `CREATE TABLE platform.event_failures (
     tenant_id uuid NOT NULL,
     event_id uuid NOT NULL,
     consumer text NOT NULL,
     tries integer NOT NULL CHECK (tries > 0),
     error text NOT NULL CHECK (error <> ''),
     failed_at timestamptz NOT NULL DEFAULT now(),
     parked_at timestamptz,
     PRIMARY KEY (tenant_id, event_id, consumer)
   )`,
  `CREATE INDEX event_failures_parked ON platform.event_failures (tenant_id, parked_at)
    WHERE parked_at IS NOT NULL`,
  ...tenantRowSecurity({
    table: 'platform.event_failures',
    app: ['INSERT', 'UPDATE', 'DELETE'],
    routing: ['tenant_id', 'event_id', 'parked_at'],
  }),
  `CREATE POLICY system_purges ON platform.event_failures FOR DELETE TO ${SYSTEM} USING (parked_at IS NULL)`,
  `GRANT DELETE ON platform.event_failures TO ${SYSTEM}`,
];

/** Events to deliver, what each consumer has handled, and what failed. */
export class Outbox1764000002000 extends SqlMigration {
  readonly name = 'Outbox1764000002000';

  statements(): string[] {
    return [...OUTBOX, ...INBOX, ...FAILURES];
  }
}
