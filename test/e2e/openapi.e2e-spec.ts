import Ajv from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { startApp, type TestApp, type TestTenant } from '../support';
import { type Document, filled, type Operation, operationsOf, readDocument } from './support/openapi';

const UNKNOWN_ID = '0198b0f2-7c1e-7b3a-9d55-000000000000';
const PUBLIC = [
  'GET /health',
  'GET /health/live',
  'GET /health/ready',
  'POST /api/v1/webhooks/stripe/{endpoint_id}',
  ...['login', 'token', 'refresh', 'revoke', 'accept-invitation', 'reset-password'].map(
    (way) => `POST /api/v1/auth/${way}`,
  ),
];

describe('the OpenAPI document and the routes', () => {
  let world: TestApp;
  let tenant: TestTenant;
  let document: Document;
  let operations: Operation[];

  beforeAll(async () => {
    world = await startApp();
    tenant = await world.tenant();
    document = await readDocument(world.url);
    operations = operationsOf(document);
  });
  afterAll(() => world.close());

  const invited = async (email: string) =>
    (await tenant.must<{ user_id: string }>('POST', '/users', { email, name: 'Ann', role: 'analyst' }))
      .user_id;
  const payoutTo = async (recipient_id = '') =>
    (await tenant.post<{ id: string }>('/payouts', { recipient_id, amount: '1.00', currency: 'USD' })).id;

  it('has a name, a summary and examples of errors for every operation', () => {
    const poor = operations.filter(
      ({ spec }) =>
        !spec.operationId || !Object.keys(spec.responses).some((status) => status.startsWith('2')),
    );
    expect(poor.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });

  it('has operation ids that suit a generated client: unique, camelCase, and unchanged once published', () => {
    const ids = operations.map(({ spec }) => spec.operationId);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    expect(ids.filter((id) => !/^[a-z]+([A-Z][a-z]+)*$/.test(id))).toEqual([]);
    expect(ids).toEqual(
      expect.arrayContaining([
        'createPayout',
        'createPayouts',
        'listPayouts',
        'getPayout',
        'updatePayout',
        'cancelPayout',
        'listPayoutEvents',
        'createSettlement',
        'previewSettlement',
        'markTransferPaid',
        'startOnboarding',
        'listWebhookEndpoints',
      ]),
    );
  });

  it('returns 401 without credentials, except on the published list', async () => {
    const open: string[] = [];
    for (const operation of operations) {
      const response = await fetch(`${world.url}${filled(operation, () => UNKNOWN_ID)}`, {
        method: operation.method,
        headers: { 'Idempotency-Key': 'no-credentials' },
      });
      if (response.status !== 401) open.push(`${operation.method} ${operation.path}`);
    }
    expect(open.sort()).toEqual([...PUBLIC].sort());
  });

  it('returns 403 for a key without the scope', async () => {
    const poor = await world.tenant({ scopes: ['nothing:nothing'] }).catch(() => null);
    const scopeless = poor ?? (await world.tenant({ scopes: ['recipients:read'] }));
    const allowed: string[] = [];
    for (const operation of operations.filter(
      ({ spec }) => spec['x-scopes']?.length && !spec['x-scopes'].includes('recipients:read'),
    )) {
      const { status } = await scopeless.call(
        operation.method,
        filled(operation, () => UNKNOWN_ID),
        undefined,
        { 'Idempotency-Key': 'scopeless-key' },
      );
      if (status !== 403) allowed.push(`${operation.method} ${operation.path} ${status}`);
    }
    expect(allowed).toEqual([]);
  });

  it('describes the responses as they are', async () => {
    await tenant.recipients(['ann', 'bob']);
    const { id } = await tenant.settle('contest-openapi', { ann: 10, bob: 20 });
    const job = await tenant.paid(id);
    const [transfer] = await tenant.transfersOf(id);
    const { results: recipients } = await tenant.get<{ results: { id: string }[] }>('/recipients');
    const { id: key } = await tenant.get<{ id: string }>('/api-keys/self');
    const payouts = await payoutTo(recipients[0]?.id);
    const ids: Readonly<Record<string, string>> = {
      'api-keys': key,
      payouts,
      settlements: id,
      'payout-jobs': job.id,
      transfers: transfer?.id ?? '',
      recipients: recipients[0]?.id ?? '',
      users: await invited('ann@example.com'),
    };
    await tenant.must('PUT', '/tenant/features/audit_export', { enabled: true });
    const ajv = addFormats(new Ajv({ strict: false, allErrors: true }));
    ajv.addSchema(document, 'document');
    const differing: string[] = [];
    let checked = 0;
    for (const operation of operations.filter(
      ({ method, path, spec }) => method === 'GET' && path.startsWith('/api') && !spec['x-without-tenant'],
    )) {
      const resource = operation.path.split('/')[3] as string;
      const path = filled(operation, () => ids[resource] ?? UNKNOWN_ID);
      const response = await tenant.call('GET', path);
      const type = response.headers.get('content-type')?.split(';', 1)[0] ?? '';
      const escaped = operation.path.replaceAll('~', '~0').replaceAll('/', '~1');
      const content = `${response.status}/content/${type.replaceAll('/', '~1')}`;
      const pointer = `document#/paths/${escaped}/get/responses/${content}/schema`;
      if (response.status !== 200) {
        differing.push(`${path}: ${response.status}`);
        continue;
      }
      const validate = ajv.compile({ $ref: encodeURI(pointer) });
      checked += 1;
      if (!validate(type === 'application/json' ? response.body : response.text))
        differing.push(`${operation.path}: ${ajv.errorsText(validate.errors)}`);
    }
    expect(differing).toEqual([]);
    expect(checked).toBeGreaterThanOrEqual(12);
  });

  it("returns the same 404 for another tenant's id and for one that does not exist", async () => {
    await tenant.recipients(['cyn']);
    const { id } = await tenant.settle('contest-foreign', { cyn: 10 });
    const job = await tenant.paid(id);
    const [transfer] = await tenant.transfersOf(id);
    const { results: recipients } = await tenant.get<{ results: { id: string }[] }>('/recipients');
    const { results: accounts } = await tenant.get<{ results: { id: string }[] }>(
      '/connections/rail-accounts',
    );
    const { id: key } = await tenant.get<{ id: string }>('/api-keys/self');
    const payouts = await payoutTo(recipients[0]?.id);
    const ids: Readonly<Record<string, string | undefined>> = {
      'api-keys': key,
      payouts,
      settlements: id,
      'payout-jobs': job.id,
      transfers: transfer?.id,
      recipients: recipients[0]?.id,
      operations: accounts[0]?.id,
      users: await invited('cyn@example.com'),
    };
    const stranger = await world.tenant();
    const differences: string[] = [];
    for (const operation of operations.filter(
      ({ pathParameters, spec }) => pathParameters.length === 1 && !spec['x-public'],
    )) {
      const theirs = ids[operation.path.split('/')[3] as string];
      if (!theirs) continue;
      const body = operation.body
        ? { reason: 'a good reason', external_id: 'X-1', stripe_account_id: 'acct_sim_1' }
        : undefined;
      const ask = async (id: string) => {
        const headers = { 'Idempotency-Key': `foreign-${id}`, 'X-Request-Id': UNKNOWN_ID };
        const response = await stranger.call(
          operation.method,
          filled(operation, () => id),
          body,
          headers,
        );
        return `${response.status} ${response.text.replaceAll(id, 'ID')}`;
      };
      const [foreign, unknown] = [await ask(theirs), await ask('0198b0f2-7c1e-7b3a-9d55-111111111111')];
      if (foreign !== unknown || (!foreign.startsWith('404') && !foreign.startsWith('422')))
        differences.push(
          `${operation.method} ${operation.path}: ${foreign.slice(0, 120)} / ${unknown.slice(0, 120)}`,
        );
    }
    expect(differences).toEqual([]);
  });
});
