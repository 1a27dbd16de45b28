import { randomBytes, randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { migrations } from '../../../src/migrations';
import { migrate } from '../../../src/platform/database';
import { bareDatabase, dropDatabase, type TestDatabase } from '../../support';

const ASKERS = 'Askers1763760010000';
const older = migrations.filter(
  (migration) => Number(new migration().name.slice(-13)) < Number(ASKERS.slice(-13)),
);

describe('the migration to askers', () => {
  let urls: TestDatabase['urls'];
  let owner: Client;

  beforeAll(async () => {
    urls = await bareDatabase();
    await migrate(urls.owner, older);
    owner = new Client({ connectionString: urls.owner });
    await owner.connect();
  });
  afterAll(async () => {
    await owner.end();
    await dropDatabase(urls);
  });

  it('ends what a tenant asked for, since nobody can say who, and keeps what the installation asked for', async () => {
    const [user, tenant] = [randomUUID(), randomUUID()];
    const keep = (purpose: string, invitedTo: string | null, askedBy: string | null) =>
      owner.query(
        `INSERT INTO identity.one_time_tokens (id, user_id, purpose, invited_to, asked_by, asked_of, token_hash, expires_at) VALUES ($1, $2, $3, $4, $5, 'analyst', $6, now() + interval '1 minute')`,
        [randomUUID(), user, purpose, invitedTo, askedBy, randomBytes(32)],
      );
    await owner.query(
      `INSERT INTO identity.users (id, email, email_folded, name) VALUES ($1, 'ann@example.com', 'ann@example.com', 'Ann')`,
      [user],
    );
    await keep('invitation', tenant, tenant);
    await keep('password_reset', null, tenant);
    await keep('invitation', null, null);
    await keep('invitation', randomUUID(), null);
    expect(await migrate(urls.owner, migrations)).toContain(ASKERS);
    const left = await owner.query(
      'SELECT purpose, asked_by, asker_kind, asker_id FROM identity.one_time_tokens',
    );
    expect(left.rows).toEqual(
      [1, 2].map(() => ({ purpose: 'invitation', asked_by: null, asker_kind: null, asker_id: null })),
    );
  });
});
