import { startApp, type TestApp, type TestTenant } from '../support';

interface Schema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly example?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface Document {
  readonly paths: Record<
    string,
    Record<
      string,
      {
        parameters?: { name: string; in: string; required: boolean; description?: string; schema: Schema }[];
        requestBody?: {
          content: Record<string, { schema: Schema; examples?: Record<string, { value: unknown }> }>;
        };
      }
    >
  >;
  readonly components: { readonly schemas: Record<string, Schema> };
}

/** Swagger UI fills in every example, and its button "Execute" sends them. */
describe('the examples of the OpenAPI document', () => {
  let world: TestApp;
  let tenant: TestTenant;
  let document: Document;
  beforeAll(async () => {
    world = await startApp();
    tenant = await world.tenant();
    await tenant.recipients(['demo-player-1', 'demo-player-2', 'demo-player-3']);
    document = (await (await fetch(`${world.url}/docs-json`)).json()) as Document;
  });
  afterAll(() => world.close());

  const bodyOf = (path: string) => document.paths[path]?.['post']?.requestBody?.content ?? {};

  it.each(['/api/v1/settlements/preview', '/api/v1/settlements'])(
    'of POST %s are accepted unchanged',
    async (path) => {
      const examples = Object.entries(bodyOf(path)['application/json']?.examples ?? {});
      expect(examples.map(([name]) => name)).toEqual(['awards', 'standings']);
      for (const [name, { value }] of examples) {
        const body = { ...(value as object), contest_id: `${path}-${name}` };
        expect(
          await tenant.call('POST', path.replace('/api/v1', ''), body, {
            'Idempotency-Key': `example-${name}`,
          }),
        ).toMatchObject({ status: path.endsWith('preview') ? 200 : 201 });
      }
    },
  );

  it('of POST /api/v1/settlements/stream is accepted unchanged: CSV, which Swagger UI does not quote', async () => {
    const content = bodyOf('/api/v1/settlements/stream');
    expect(Object.keys(content)).toEqual(['text/csv', 'application/x-ndjson']);
    expect(content['application/x-ndjson']?.schema.format).toBe('binary');
    const parameters = document.paths['/api/v1/settlements/stream']?.['post']?.parameters ?? [];
    const query = new URLSearchParams(
      Object.fromEntries(
        parameters
          .filter((p) => p.in === 'query' && p.schema.example !== undefined)
          .map((p) => [p.name, String(p.schema.example)]),
      ),
    );
    const response = await fetch(`${world.url}/api/v1/settlements/stream?${query.toString()}`, {
      method: 'POST',
      headers: {
        'X-API-Key': tenant.apiKey,
        'Content-Type': 'text/csv',
        'Idempotency-Key': 'example-stream',
      },
      body: content['text/csv']?.schema.example as string,
    });
    const { status } = (await response.json()) as { status: string };
    expect([response.status, status]).toEqual([
      202,
      expect.stringMatching(/^(checking|recording|recorded)$/),
    ]);
  });

  it('fill in no optional filter, because the first list would be empty', () => {
    const parameters = Object.values(document.paths)
      .flatMap((methods) => Object.values(methods))
      .flatMap(({ parameters: all = [] }) => all);
    const filters = parameters.filter(
      (parameter) =>
        parameter.in === 'query' &&
        !parameter.required &&
        !['limit', 'minutes', 'platform_share'].includes(parameter.name),
    );
    expect(filters.filter(({ schema }) => schema.example !== undefined)).toEqual([]);
    expect(filters.find(({ name }) => name === 'contest_id')?.description).toContain('`contest-2041`');
  });

  it('have only whole numbers, and ids and times in the formats of the API', () => {
    const properties = Object.entries(document.components.schemas).flatMap(
      ([schema, { properties: all = {} }]) =>
        Object.entries(all).map(([name, property]) => ({ name: `${schema}.${name}`, property })),
    );
    expect(properties.filter(({ property }) => [property.type].flat().includes('number'))).toEqual([]);
    expect(
      properties.filter(
        ({ property: { format, example } }) =>
          (format === 'uuid' || format === 'date-time') && example === undefined,
      ),
    ).toEqual([]);
    expect(JSON.stringify(document.paths)).not.toContain('"type":"number"');
  });
});
