import { Client } from 'pg';
import { UnitOfWork } from '../../../src/kernel/tx';
import { Users } from '../../../src/modules/identity';
import { Schedule } from '../../../src/platform/schedule';
import { startApp, type TestApp } from '../../support';
import { until } from './until';

const MORE_THAN_ANY_POOL = 12;
const PASSWORD = 'seven green elephants sing';

describe('the pools of one process', () => {
  let t: TestApp;
  let uow: UnitOfWork;
  let email: string;

  beforeAll(async () => {
    t = await startApp({ env: { ROLES: 'api,scheduler' } });
    uow = t.app.get(UnitOfWork, { strict: false });
    const { token } = await t.app
      .get(Users, { strict: false })
      .create({ email: 'ann@example.com', name: 'Ann', isPlatformAdmin: false });
    expect((await post('/auth/accept-invitation', { token, password: PASSWORD })).status).toBe(204);
    email = 'ann@example.com';
  });
  afterAll(() => t.close());

  const post = (path: string, body: object) =>
    fetch(`${t.url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const login = () => post('/auth/login', { email, password: PASSWORD });

  /** Takes every connection of a pool and keeps it; those who come after wait. */
  async function holdAll(way: 'runForSystem' | 'runAcrossTenants'): Promise<() => Promise<unknown>> {
    let open: () => void = () => undefined;
    let held = 0;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const holds = Array.from({ length: MORE_THAN_ANY_POOL }, () =>
      uow[way](async () => (held++, gate)).catch(() => undefined),
    );
    await until(() => held === 4);
    return () => (open(), Promise.all(holds));
  }

  it('lets the installation work while everybody at the door holds a connection', async () => {
    const release = await holdAll('runAcrossTenants');
    const [report] = await t.app.get(Schedule, { strict: false }).runNow(['purge-outbox']);
    expect(report).toMatchObject({ error: null, summary: { failed: 0 } });
    await release();
  });

  it('lets people in while the installation holds all that it has', async () => {
    const release = await holdAll('runForSystem');
    expect((await login()).status).toBe(200);
    await release();
  });

  it('gives logins that stand still in the database no connection of the installation', async () => {
    const admin = new Client({ connectionString: t.urls.admin });
    await admin.connect();
    await admin.query('BEGIN; LOCK TABLE identity.users IN ACCESS EXCLUSIVE MODE');
    const logins = Array.from({ length: MORE_THAN_ANY_POOL }, login);
    await until(
      async () =>
        (
          await admin.query(
            `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'disburse_system'
              AND datname = current_database()`,
          )
        ).rowCount === 4,
    );
    const [report] = await t.app.get(Schedule, { strict: false }).runNow(['purge-outbox']);
    expect(report).toMatchObject({ error: null, summary: { failed: 0 } });
    await admin.query('ROLLBACK');
    await admin.end();
    expect(new Set((await Promise.all(logins)).map(({ status }) => status))).toEqual(new Set([200]));
  });
});
