import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { adapter, describeApi, FrameworkModule, tokens } from './fixture/app';
import { PROJECT } from './support/clone';

const run = promisify(execFile);
const partsExpected = { database: 'postgres', queue: 'wake', crons: ['yearly'] };

describe('the framework under Jest', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [FrameworkModule] }).compile();
    app = module.createNestApplication<NestFastifyApplication>(adapter());
    describeApi(app);
    await app.init();
  });

  afterAll(async () => app.close());

  it('wires TypeORM, Bull and the scheduler into one Fastify application', async () => {
    const value = await app.inject({ method: 'GET', url: '/payees' });
    expect(value.json()).toEqual(partsExpected);
    expect(app.get(tokens.dataSource)).toBeDefined();
    expect(app.get(tokens.repository)).toBeDefined();
  });

  it('validates a body by the decorators of its class', async () => {
    const refused = await app.inject({ method: 'POST', url: '/payees', payload: { name: 3 } });
    const accepted = await app.inject({ method: 'POST', url: '/payees', payload: { name: 'Ann' } });
    expect(refused.statusCode).toBe(400);
    expect(accepted.json()).toMatchObject({ valid: true, name: 'Ann' });
  });

  it('serves the OpenAPI document and its page', async () => {
    const document = await app.inject({ method: 'GET', url: '/docs-json' });
    const page = await app.inject({ method: 'GET', url: '/docs' });
    expect(document.json()).toMatchObject({
      paths: { '/payees': { post: {} } },
      components: { schemas: { CreatePayee: {} } },
    });
    expect(page.statusCode).toBe(200);
  });
});

describe('the framework under plain Node', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'disburse-framework-'));
    await symlink(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  });

  afterAll(async () => rm(folder, { recursive: true }));

  it('boots the same application from files compiled by SWC, and ends by itself', async () => {
    const swc = join(PROJECT, 'node_modules/@swc/cli/bin/swc.js');
    await run(
      process.execPath,
      [swc, '.', '-d', join(folder, 'dist'), '--config-file', join(PROJECT, '.swcrc')],
      {
        cwd: join(__dirname, 'fixture'),
      },
    );
    const { stdout } = await run(process.execPath, [join(folder, 'dist/main.js')], { timeout: 20_000 });
    expect(JSON.parse(stdout)).toEqual({ parts: partsExpected, paths: ['/payees'] });
  });
});
