import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { bareDatabase, dropDatabase } from '../support/database';
import { PROJECT } from './support/clone';

const TEMPLATE = join(__dirname, '../support/new-module');
const PARTS = ['src', 'scripts', '.swcrc', 'package.json', 'package-lock.json', '.dependency-cruiser.js'];
const FIXTURE = 'test/architecture/fixtures/dependencies-of-pledges';
const KEY = Buffer.alloc(32, 7).toString('base64');

/** The places outside the folder of a new module, as CONTRIBUTING lists them. ARCHITECTURE.md is the third. */
const PLACES: readonly (readonly [file: string, find: string, replace: string])[] = [
  [
    'src/module-list.ts',
    'import { recipients }',
    "import { pledges } from './modules/pledges';\nimport { recipients }",
  ],
  ['src/module-list.ts', '  operations,\n', '  pledges,\n  operations,\n'],
  ['.dependency-cruiser.js', '  operations: [\n', "  pledges: ['tenancy'],\n  operations: [\n"],
];

/** Builds a copy of the project with the template's module in it, made as CONTRIBUTING says. */
class ProjectWithNewModule {
  readonly folder = mkdtempSync(join(tmpdir(), 'disburse-new-module-'));

  constructor() {
    for (const part of PARTS) cpSync(join(PROJECT, part), this.path(part), { recursive: true });
    cpSync(join(PROJECT, 'test/architecture/support'), this.path('test/architecture/support'), {
      recursive: true,
    });
    symlinkSync(join(PROJECT, 'node_modules'), this.path('node_modules'));
    this.add('module', 'src/modules/pledges');
    this.add('fixture', join(FIXTURE, 'src/modules'));
    for (const place of PLACES) this.edit(...place);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Runs a script of the project or of its packages in the copy. */
  async run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: this.folder,
      env: { ...process.env, NODE_ENV: 'test', ...env },
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  }

  private add(part: string, to: string): void {
    for (const file of readdirSync(join(TEMPLATE, part), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.txt')) continue;
      const target = this.path(join(to, file.slice(0, -'.txt'.length)));
      mkdirSync(dirname(target), { recursive: true });
      cpSync(join(TEMPLATE, part, file), target);
    }
  }

  private edit(file: string, find: string, replace: string): void {
    const text = readFileSync(this.path(file), 'utf8');
    if (text.split(find).length !== 2) throw new Error(`${file} does not have "${find}" exactly once`);
    writeFileSync(
      this.path(file),
      text.replace(find, () => replace),
    );
  }
}

describe('a new module, made of its folder and the places that CONTRIBUTING lists', () => {
  let project: ProjectWithNewModule;
  beforeAll(() => (project = new ProjectWithNewModule()));
  afterAll(() => rmSync(project.folder, { recursive: true, force: true }));

  it('keeps the boundaries, and its own rule is broken by its fixture', async () => {
    const trees = [
      { name: 'project', dir: project.folder },
      { name: 'fixture', dir: project.path(FIXTURE) },
    ];
    const stdout = await project.run(['test/architecture/support/cruise.mjs', JSON.stringify(trees)]);
    const broken = JSON.parse(stdout) as Record<string, { rule: string }[]>;
    expect(broken['project']).toEqual([]);
    const rules = (broken['fixture'] ?? []).map(({ rule }) => rule).filter((rule) => rule !== 'no-dead-file');
    expect(rules).toEqual(['dependencies-of-pledges']);
  }, 180_000);

  it('starts with its migration, scope, event and queue, and serves its route', async () => {
    const urls = await bareDatabase();
    try {
      await project.run(['scripts/build.mjs']);
      const stdout = await project.run([join(TEMPLATE, 'boot.cjs')], {
        DATABASE_URL: urls.app,
        DATABASE_SYSTEM_URL: urls.system,
        DATABASE_OWNER_URL: urls.owner,
        ENCRYPTION_KEYS: `t:${KEY}`,
        TOKEN_KEYS: `t:${KEY}`,
        CURSOR_SECRET: 'a secret of tests, long enough for cursors',
      });
      expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual({
        rejected: 403,
        made: 201,
        confirmed: true,
        queues: expect.arrayContaining(['pledges']),
        events: expect.arrayContaining(['pledge.made']),
      });
    } finally {
      await dropDatabase(urls);
    }
  }, 180_000);
});
