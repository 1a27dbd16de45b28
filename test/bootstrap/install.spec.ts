import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Clone } from './support/clone';

const BUILD = 'scripts/build.mjs';

describe('what a bare clone needs', () => {
  let clone: Clone;

  beforeEach(() => {
    clone = new Clone({ 'src/main.ts': 'export const answer: number = 42;' });
  });

  afterEach(() => clone.remove());

  it('is built once, and again when a source changed, but not when a test did', async () => {
    const built = (): number => statSync(clone.path('dist/main.js')).mtimeMs;
    await clone.run(BUILD);
    const first = built();
    clone.write('src/main.spec.ts', "it('is not part of the program', () => undefined);");
    await clone.run(BUILD);
    expect(built()).toBe(first);
    expect(existsSync(clone.path('dist/main.spec.js'))).toBe(false);
    clone.write('src/main.ts', 'export const answer: number = 43;');
    await clone.run(BUILD);
    expect(readFileSync(clone.path('dist/main.js'), 'utf8')).toContain('43');
  });

  it('keeps the last good build when a source does not compile, and fails', async () => {
    await clone.run(BUILD);
    clone.write('src/main.ts', 'export const = ;');
    expect((await clone.run(BUILD)).code).toBe(1);
    expect(readFileSync(clone.path('dist/main.js'), 'utf8')).toContain('42');
  });

  it('is installed when node_modules is not what package-lock.json says, and left alone when it is', async () => {
    rmSync(clone.path('node_modules'));
    clone.write(
      'package.json',
      JSON.stringify({ name: 'tiny', version: '1.0.0', dependencies: { leaf: 'file:leaf' } }),
    );
    clone.write('leaf/package.json', JSON.stringify({ name: 'leaf', version: '1.0.0' }));
    spawnSync('npm', ['install', '--package-lock-only', '--offline'], { cwd: clone.folder });
    clone.write(
      'install-only.mjs',
      "import install from './scripts/lib/install.cjs'; install.ensureInstalled();",
    );
    expect((await clone.run('install-only.mjs')).output).toContain('Installing the packages');
    expect(existsSync(clone.path('node_modules/leaf/package.json'))).toBe(true);
    expect((await clone.run('install-only.mjs')).output).not.toContain('Installing the packages');
  });

  it('is named when it is a newer Node', async () => {
    const old = `Object.defineProperty(process.versions, 'node', { value: '20.18.9' });`;
    clone.write('old.cjs', `${old} require('./scripts/lib/install.cjs').ensureInstalled();`);
    expect((await clone.run('old.cjs')).output).toContain(
      'Disburse needs Node.js 20.19 or newer; this is 20.18.9.',
    );
  });
});

describe('a machine without redis-server', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'disburse-no-redis-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('is told what to install where no package manager can be asked', () => {
    const library = join(__dirname, '../../scripts/lib/private-redis.cjs');
    const script = `require(${JSON.stringify(library)}).startPrivateRedis({ folder: ${JSON.stringify(join(folder, 'redis'))} })`;
    const { status, stderr } = spawnSync(process.execPath, ['-e', script], {
      env: { PATH: folder },
      encoding: 'utf8',
    });
    expect(status).not.toBe(0);
    expect(stderr).toContain('there is none on PATH. Install Redis 6 or newer');
  });
});
