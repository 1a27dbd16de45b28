import { Client } from 'pg';
import { startApp, type TestApp, type TestTenant } from '../support';
import { badRequest } from './support/bad-requests';
import { operationsOf, readDocument } from './support/openapi';
import { Random } from './support/random';

const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 2_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);
const WIDTH = 8;
/** Public routes that accept any request. */
const OPEN = new Set(['/health', '/health/live', '/health/ready', '/metrics']);

describe(`bad requests made from the OpenAPI document (FUZZ_SEED=${SEED})`, () => {
  let world: TestApp;
  let tenant: TestTenant;

  beforeAll(async () => {
    world = await startApp({ env: { ROLES: 'api' } });
    tenant = await world.tenant();
    await tenant.recipients(['payee']);
  });
  afterAll(() => world.close());

  it(`are rejected with a problem, ${REQUESTS} of them, and change nothing`, async () => {
    const random = new Random(SEED);
    const document = await readDocument(world.url);
    const operations = operationsOf(document).filter(({ path }) => !OPEN.has(path));
    const requests = Array.from({ length: REQUESTS }, () =>
      badRequest(document, random.pick(operations), random),
    );
    const before = await rowCounts();
    const wrong: string[] = [];
    await Promise.all(
      Array.from({ length: WIDTH }, async (_, lane) => {
        for (let i = lane; i < requests.length; i += WIDTH) {
          const request = requests[i] as (typeof requests)[number];
          const complaint = complaintOf(await send(request, i));
          if (complaint) wrong.push(`${request.method} ${request.path} [${request.defect}]: ${complaint}`);
        }
      }),
    );
    expect(wrong.slice(0, 20)).toEqual([]);
    await expect(rowCounts()).resolves.toEqual(before);
  }, 120_000);

  async function send(
    request: ReturnType<typeof badRequest>,
    i: number,
  ): Promise<{ status: number; type: string; text: string }> {
    const response = await fetch(`${world.url}${request.path}`, {
      method: request.method,
      headers: {
        'X-API-Key': tenant.apiKey,
        'Idempotency-Key': `fuzz-${SEED}-${i}`,
        ...(request.body === null ? {} : { 'Content-Type': request.contentType }),
      },
      ...(request.body === null ? {} : { body: request.body }),
    });
    return {
      status: response.status,
      type: response.headers.get('content-type') ?? '',
      text: await response.text(),
    };
  }

  /** Null for a proper error response. */
  function complaintOf({
    status,
    type,
    text,
  }: {
    status: number;
    type: string;
    text: string;
  }): string | null {
    if (status < 400 || status >= 500) return `${status} ${text.slice(0, 200)}`;
    if (!type.startsWith('application/problem+json')) return `returned as ${type}`;
    const problem = JSON.parse(text) as Record<string, unknown>;
    const missing = ['type', 'title', 'status', 'detail', 'instance', 'code', 'request_id'].filter(
      (name) => problem[name] === undefined,
    );
    if (missing.length) return `lacks ${missing.join(', ')}`;
    if (!/^[a-z][a-z0-9_]*$/.test(String(problem['code']))) return `code ${String(problem['code'])}`;
    return /\bat \w+.*\(|SELECT |node_modules|select /.test(text)
      ? `says too much: ${text.slice(0, 200)}`
      : null;
  }

  async function rowCounts(): Promise<Record<string, string>> {
    const admin = new Client({ connectionString: world.urls.admin });
    await admin.connect();
    try {
      const { rows: tables } = await admin.query<{ name: string }>(
        `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n
          ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
      );
      const counts: Record<string, string> = {};
      for (const { name } of tables)
        counts[name] = String(
          (await admin.query<{ count: bigint }>(`SELECT count(*) AS count FROM ${name}`)).rows[0]?.count,
        );
      return counts;
    } finally {
      await admin.end();
    }
  }
});
