'use strict';

const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { PROJECT } = require('./places.cjs');

const NODE_MIN = [20, 19];
const HASH_FILE = '.source-hash';

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return;
  throw new Error(`Disburse needs Node.js ${NODE_MIN.join('.')} or newer; this is ${process.versions.node}.`);
}

/** Runs `npm ci` when what is installed is not what package-lock.json says. */
function ensureInstalled() {
  checkNode();
  if (isInstalled()) return;
  process.stderr.write('Installing the packages of package-lock.json …\n');
  // The development packages are needed even where NODE_ENV is production: SWC, which builds the program, is
  // one of them.
  const { status, error } = spawnSync(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--include=dev', '--include=optional'],
    { cwd: PROJECT, stdio: 'inherit' },
  );
  if (status !== 0)
    throw new Error(`npm ci failed${error ? ` (${error.message})` : ''}. The lines above say why.`);
}

/**
 * npm writes its own list last, so that an interrupted installation has none. Optional packages differ by
 * platform.
 */
function isInstalled() {
  const wanted = readPackages(path.join(PROJECT, 'package-lock.json'));
  if (!wanted) throw new Error('package-lock.json is missing or damaged: it says which packages to install.');
  const installed = readPackages(path.join(PROJECT, 'node_modules/.package-lock.json'));
  if (!installed) return false;
  const required = Object.entries(wanted).filter(
    ([name, { optional }]) => name.startsWith('node_modules/') && !optional,
  );
  return required.every(([name, { version }]) => name in installed && installed[name].version === version);
}

function readPackages(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Compiles `src` to `dist` when the sources are not the ones that `dist` was made of. */
function ensureBuilt() {
  const hash = hashOfSources();
  const dist = path.join(PROJECT, 'dist');
  if (readText(path.join(dist, HASH_FILE)) === hash) return;
  process.stderr.write('Building …\n');
  build(dist, hash);
}

/** Builds beside `dist` and swaps, so that a program started meanwhile never sees half of it. */
function build(dist, hash) {
  const fresh = `${dist}.${process.pid}`;
  const old = `${fresh}.old`;
  const swc = path.join(PROJECT, 'node_modules/@swc/cli/bin/swc.js');
  const args = [swc, 'src', '-d', fresh, '--strip-leading-paths', '--quiet', '--ignore', '**/*.spec.ts'];
  try {
    const { status } = spawnSync(process.execPath, args, {
      cwd: PROJECT,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (status !== 0) throw new Error('The build failed; the lines above say where.');
    fs.writeFileSync(path.join(fresh, HASH_FILE), hash);
    if (fs.existsSync(dist)) fs.renameSync(dist, old);
    fs.renameSync(fresh, dist);
  } finally {
    for (const left of [fresh, old]) fs.rmSync(left, { recursive: true, force: true });
  }
}

function hashOfSources() {
  const hash = createHash('sha256');
  const src = path.join(PROJECT, 'src');
  const files = fs.existsSync(src) ? fs.readdirSync(src, { recursive: true, withFileTypes: true }) : [];
  const sources = files
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name));
  for (const file of ['.swcrc', ...sources.map((source) => path.relative(PROJECT, source)).sort()]) {
    hash
      .update(`${file}\0`)
      .update(fs.readFileSync(path.join(PROJECT, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

module.exports = { ensureBuilt, ensureInstalled };
