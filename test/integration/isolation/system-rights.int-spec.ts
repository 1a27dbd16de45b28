import { Client } from 'pg';
import { SYSTEM } from '../../../src/platform/database';
import { cloneDatabase, dropDatabase, type TestDatabase } from '../../support';

/**
 * All that the system's login may do, table by table, column by column. A line here is a decision: which
 * statement of
 * `runForSystem` or `runWithoutTenant` needs it?
 */
const RIGHTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'connections.rail_accounts': { SELECT: 'id rail status tenant_id' },
  'identity.installation_log': {
    INSERT: 'action actor_id actor_kind actor_name address id request_id user_id',
    SELECT: 'action actor_id actor_kind actor_name address at id request_id user_id',
  },
  'identity.memberships': { SELECT: 'created_at name role state tenant_id user_id' },
  'identity.one_time_tokens': {
    DELETE: '',
    INSERT:
      'expires_at granted_role id invited_to purpose requested_by requester_id requester_kind token_hash user_id',
    SELECT:
      'created_at expires_at granted_role id invited_to purpose requested_by requester_id requester_kind token_hash user_id',
    UPDATE: 'created_at expires_at granted_role requested_by requester_id requester_kind token_hash',
  },
  'identity.refresh_families': {
    DELETE: '', // what is over, by a policy
    INSERT: 'chosen_tenant expires_at id idle_s user_id',
    SELECT: 'chosen_tenant expires_at id idle_s last_used_at revoked_at user_id',
    UPDATE: 'last_used_at revoked_at',
  },
  'identity.refresh_tokens': {
    INSERT: 'family_id token_hash',
    SELECT: 'family_id token_hash used_at',
    UPDATE: 'used_at',
  },
  'identity.sessions': {
    DELETE: '',
    INSERT: 'expires_at id idle_s token_hash user_id',
    SELECT: 'expires_at id idle_s last_seen_at token_hash user_id',
    UPDATE: 'last_seen_at',
  },
  'identity.users': {
    INSERT: 'email email_folded id name',
    SELECT: 'created_at email email_folded id is_active is_platform_admin name password_hash',
    UPDATE: 'is_active is_platform_admin name password_hash',
  },
  'ledger.checkpoints': { SELECT: 'horizon tenant_id' },
  'ledger.entries': { SELECT: 'tenant_id xid' },
  // Compared with the program's own migrations when it starts.
  'migrations.checksums': { SELECT: 'checksum name' },
  'migrations.migrations': { SELECT: 'name timestamp' },
  'platform.access_epochs': { INSERT: 'epoch tenant_id', SELECT: 'epoch tenant_id', UPDATE: 'epoch' },
  'platform.audit_log': {
    INSERT:
      'action actor_id actor_kind actor_name address after before entity_id entity_kind id request_id tenant_id',
  },
  'platform.event_failures': { DELETE: '', SELECT: 'event_id parked_at tenant_id' },
  'platform.idempotency_keys': { SELECT: 'created_at tenant_id' },
  'platform.inbox': { DELETE: '', SELECT: 'event_id tenant_id' },
  'platform.installation_epoch': { SELECT: 'epoch', UPDATE: 'epoch' },
  'platform.outbox': {
    DELETE: '',
    SELECT: 'available_at delivered_at id name occurred_at tenant_id tries',
    UPDATE: 'available_at delivered_at tries',
  },
  'platform.scheduled_runs': {
    DELETE: '',
    INSERT: 'instance name period',
    SELECT: 'done error failed finished_at found heartbeat_at instance name period skipped started_at',
    UPDATE: 'done error failed finished_at found heartbeat_at instance skipped started_at',
  },
  'recipients.connected_accounts': { SELECT: 'checked_at recipient_id tenant_id watched' },
  'settlements.uploads': { SELECT: 'id state tenant_id touched_at' },
  'settlements.payout_jobs': { SELECT: 'checked_at id status tenant_id' },
  'settlements.settlements': { SELECT: 'due_at id recorded_at state tenant_id' },
  'tenancy.tenants': { SELECT: 'created_at id name slug status' },
  'transfers.transfers': { SELECT: 'due_at rail_account_id state tenant_id' },
};

const FUNCTIONS = [
  'connections.find_webhook_endpoint',
  'identity.find_api_key',
  'identity.lock_derived_keys',
  'identity.revoke_derived_keys',
  'identity.scopes_of_usable_key',
  'identity.tenants_of_derived_keys',
  'platform.lock_installation_epoch',
];

describe('the rights of the login that finds work and lets people in', () => {
  let urls: TestDatabase['urls'];
  let admin: Client;

  beforeAll(async () => {
    urls = await cloneDatabase();
    admin = new Client({ connectionString: urls.admin });
    await admin.connect();
  });
  afterAll(async () => {
    await admin.end();
    await dropDatabase(urls);
  });

  it('are these and no more, by column', async () => {
    const { rows } = await admin.query<{ name: string; right: string; columns: string }>(
      `SELECT table_schema || '.' || table_name AS name, privilege_type
        AS right, string_agg(column_name, ' ' ORDER BY column_name COLLATE "C") AS columns
         FROM information_schema.column_privileges WHERE grantee IN ($1, 'PUBLIC')
           AND table_schema NOT IN ('pg_catalog', 'information_schema') GROUP BY 1, 2
        UNION ALL
       SELECT table_schema || '.' || table_name, privilege_type, ''
         FROM information_schema.table_privileges
        WHERE grantee IN ($1, 'PUBLIC') AND table_schema NOT IN ('pg_catalog', 'information_schema')
          AND privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE')
        ORDER BY 1, 2`,
      [SYSTEM],
    );
    const found: Record<string, Record<string, string>> = {};
    for (const { name, right, columns } of rows) (found[name] ??= {})[right] = columns;
    expect(found).toEqual(RIGHTS);
  });

  it('are those of seven functions of the owner, which answer who and where, end keys with a person, and hold what others may do', async () => {
    const { rows } = await admin.query<{ name: string }>(
      `SELECT routine_schema || '.' || routine_name AS name FROM information_schema.routine_privileges
        WHERE grantee = $1 AND routine_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
      [SYSTEM],
    );
    expect(rows.map(({ name }) => name)).toEqual(FUNCTIONS);
  });

  it('raise an access epoch and never lower it, nor does the application', async () => {
    const tenant = '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e20';
    for (const login of ['system', 'app'] as const) {
      const client = new Client({ connectionString: urls[login] });
      await client.connect();
      try {
        await client.query(`SELECT set_config('app.tenant_id', $1, false)`, [tenant]);
        await client.query(
          'INSERT INTO platform.access_epochs (tenant_id, epoch) VALUES ($1, 5) ON CONFLICT (tenant_id) DO UPDATE SET epoch = access_epochs.epoch + 5',
          [tenant],
        );
        await client.query('UPDATE platform.access_epochs SET epoch = epoch WHERE tenant_id = $1', [tenant]);
        await expect(
          client.query('UPDATE platform.access_epochs SET epoch = epoch - 1 WHERE tenant_id = $1', [tenant]),
        ).rejects.toMatchObject({ code: '42501' });
        await expect(
          client.query('DELETE FROM platform.access_epochs WHERE tenant_id = $1', [tenant]),
        ).rejects.toMatchObject({ code: '42501' });
      } finally {
        await client.end();
      }
    }
    const { rows } = await admin.query<{ epoch: string }>(
      'SELECT epoch::text FROM platform.access_epochs WHERE tenant_id = $1',
      [tenant],
    );
    expect(rows).toEqual([{ epoch: '10' }]);
  });

  it('end no family of tokens that lives', async () => {
    const system = new Client({ connectionString: urls.system });
    await system.connect();
    try {
      const [user, alive, over] = [
        '0198b0f2-7c1e-4b3a-9d55-2f6f0b1c4e10',
        '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e11',
        '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e12',
      ];
      await system.query(
        `INSERT INTO identity.users (id, email, email_folded, name)
          VALUES ($1, 'ann@example.com', 'ann@example.com', 'Ann')`,
        [user],
      );
      await system.query(
        `INSERT INTO identity.refresh_families (id, user_id, idle_s, expires_at)
          VALUES ($1, $3, 60, now() + interval '1 hour'), ($2, $3, 60, now())`,
        [alive, over, user],
      );
      await system.query(
        `INSERT INTO identity.refresh_tokens (token_hash, family_id)
          VALUES (sha256('a'), $1), (sha256('o'), $2)`,
        [alive, over],
      );
      await system.query('DELETE FROM identity.refresh_families');
      const { rows } = await system.query<{ family_id: string }>(
        'SELECT family_id FROM identity.refresh_tokens',
      );
      expect(rows).toEqual([{ family_id: alive }]);
      await expect(system.query('DELETE FROM identity.refresh_tokens')).rejects.toMatchObject({
        code: '42501',
      });
    } finally {
      await system.end();
    }
  });
});
