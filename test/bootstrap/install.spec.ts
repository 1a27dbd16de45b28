import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Clone } from './support/clone';

const BUILD = 'scripts/build.mjs';

describe('the installation of a bare clone', () => {
  let clone: Clone;

  beforeEach(() => {
    clone = new Clone({ 'src/main.ts': 'export const value: number = 42;' });
  });

  afterEach(() => clone.remove());

  it('builds once, and again when a source has changed, but not when a test has', async () => {
    const built = (): number => statSync(clone.path('dist/main.js')).mtimeMs;
    await clone.run(BUILD);
    const first = built();
    clone.write('src/main.spec.ts', "it('is not part of the program', () => undefined);");
    await clone.run(BUILD);
    expect(built()).toBe(first);
    expect(existsSync(clone.path('dist/main.spec.js'))).toBe(false);
    clone.write('src/main.ts', 'export const value: number = 43;');
    await clone.run(BUILD);
    expect(readFileSync(clone.path('dist/main.js'), 'utf8')).toContain('43');
  });

  it('fails when a source does not compile, and leaves the last build', async () => {
    await clone.run(BUILD);
    clone.write('src/main.ts', 'export const = ;');
    expect((await clone.run(BUILD)).code).toBe(1);
    expect(readFileSync(clone.path('dist/main.js'), 'utf8')).toContain('42');
  });

  it('installs when node_modules differs from package-lock.json, and not otherwise', async () => {
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

  it('names the Node that it needs when this one is too old', async () => {
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

  it('gets a message with what to install when there is no package manager', () => {
    const library = join(__dirname, '../../scripts/lib/private-redis.cjs');
    const options = JSON.stringify({ folder: join(folder, 'redis') });
    const script = `require(${JSON.stringify(library)}).startPrivateRedis(${options})`;
    const { status, stderr } = spawnSync(process.execPath, ['-e', script], {
      env: { PATH: folder },
      encoding: 'utf8',
    });
    expect(status).not.toBe(0);
    expect(stderr).toContain('there is none on PATH. Install Redis 6 or newer');
  });
});
