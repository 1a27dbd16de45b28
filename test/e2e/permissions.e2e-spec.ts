import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Users } from '../../src/modules/identity';
import { startApp, type TestApp, type TestTenant } from '../support';
import { filled, type Operation, operationsOf, readDocument } from './support/openapi';
import { type CallerKind, CALLERS, type Permission, renderPermissions } from './support/permissions';

const PAGE = join(__dirname, '../../docs/permissions.md');
const UNKNOWN_ID = '0198b0f2-7c1e-7b3a-9d55-000000000000';
const PASSWORD = 'seven green elephants sing';
/** Errors that reject the caller; any other response means that the route was reached. */
const REFUSED: readonly (string | undefined)[] = [
  'unauthenticated',
  'insufficient_scope',
  'user_required',
  'api_key_required',
];

describe('every route and every kind of caller', () => {
  let world: TestApp;
  let tenant: TestTenant;
  let operations: Operation[];
  const emails = new Map<CallerKind, string>();

  beforeAll(async () => {
    world = await startApp();
    tenant = await world.tenant();
    operations = operationsOf(await readDocument(world.url));
    for (const role of ['read_only', 'analyst', 'operator', 'tenant_admin'] as const) {
      const email = `${role}@example.com`;
      const { token } = await tenant.must<{ token: string }>('POST', '/users', {
        email,
        name: 'Ann Lee',
        role,
      });
      await accept(token);
      emails.set(role, email);
    }
    const { token } = await world.app
      .get(Users, { strict: false })
      .create({ email: 'admin@example.com', name: 'Ann Lee', isPlatformAdmin: true });
    await accept(token);
    emails.set('platform_admin', 'admin@example.com');
  });
  afterAll(() => world.close());

  const post = async (path: string, body: object) => {
    const response = await fetch(`${world.url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  const accept = (token: string) => post('/auth/accept-invitation', { token, password: PASSWORD });

  const headersOf = async (caller: CallerKind): Promise<Record<string, string>> => {
    if (caller === 'anonymous') return {};
    if (caller === 'api_key') return { 'X-API-Key': tenant.apiKey };
    const response = await post('/auth/token', { email: emails.get(caller), password: PASSWORD });
    const { access_token: token } = (await response.json()) as { access_token: string };
    return { Authorization: `Bearer ${token}`, 'X-Tenant-ID': tenant.id };
  };

  /** Without a body and with unknown ids: only whether the caller may call the route is of interest. */
  const isAllowed = async ({ method, path, ...operation }: Operation, headers: Record<string, string>) => {
    const url = `${world.url}${filled({ method, path, ...operation }, () => UNKNOWN_ID)}`;
    const response = await fetch(url, {
      method,
      headers: { ...headers, 'Idempotency-Key': `permissions-${method}` },
    });
    const { code } = (await response.json().catch(() => ({}))) as { code?: string };
    return !REFUSED.includes(code);
  };

  it('are as docs/permissions.md says ("npm run docs:permissions" writes it)', async () => {
    const headersByCaller = new Map(
      await Promise.all(CALLERS.map(async (caller) => [caller, await headersOf(caller)] as const)),
    );
    const permissions: Permission[] = [];
    for (const operation of operations) {
      const allowed = new Set<CallerKind>();
      for (const caller of CALLERS) {
        // The session ends with a log-out.
        const headers = operation.path.endsWith('/logout')
          ? await headersOf(caller)
          : headersByCaller.get(caller);
        if (await isAllowed(operation, headers ?? {})) allowed.add(caller);
      }
      permissions.push({ operation, allowed });
    }
    const page = renderPermissions(permissions);
    if (process.env['WRITE_DOCS']) writeFileSync(PAGE, page);
    expect(readFileSync(PAGE, 'utf8')).toBe(page);
    expect(permissions.length).toBeGreaterThan(50);
  });
});
