'use strict';

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const PROJECT = path.resolve(__dirname, '../..');

/** Unprivileged accounts that may run a server, in order of preference. */
const UNPRIVILEGED = ['postgres', 'nobody'];

const isRoot = () => process.getuid?.() === 0;

/**
 * PostgreSQL does not run as root, and another account cannot enter a private clone: root's servers have their
 * data in a folder that every account may enter.
 */
const ROOT_FOLDER = '/var/lib/disburse';

const DATA_DIR_DEFAULT = path.join(PROJECT, '.disburse');

/**
 * Where the embedded servers of the installation with this DATA_DIR keep their data; each data folder in it
 * is 0700. Two installations never share a database: the secrets in the DATA_DIR of one do not decrypt what
 * the other has encrypted.
 */
function dataRoot(dataDir = DATA_DIR_DEFAULT) {
  if (!isRoot()) return dataDir;
  const installation = createHash('sha256')
    .update(dataDir === DATA_DIR_DEFAULT ? PROJECT : dataDir)
    .digest('hex')
    .slice(0, 16);
  return path.join(ROOT_FOLDER, installation);
}

/** Where the binaries are copied to. Root's clones share one copy: it is root's own, and 55 MB. */
function binariesRoot() {
  return isRoot() ? ROOT_FOLDER : dataRoot();
}

/**
 * The account a server runs under: for root an existing unprivileged one, otherwise the caller's own
 * (undefined).
 */
function serverAccount() {
  if (!isRoot()) return undefined;
  const accounts = fs
    .readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const wanted of UNPRIVILEGED) {
    const [name, , uid, gid] = accounts.find(([login]) => login === wanted) ?? [];
    if (name && Number(uid) !== 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    `PostgreSQL does not run as root, and none of the users ${UNPRIVILEGED.join(', ')} exists here. ` +
      'Run as an ordinary user instead.',
  );
}

/** Makes `folder`, which other accounts may enter when root makes it. */
function makeFolder(folder) {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: isRoot() ? 0o755 : 0o700 });
  } catch (error) {
    throw new Error(`Cannot make the folder ${folder}: ${error.message}`);
  }
  return folder;
}

/**
 * Throws an error with the folder of `target` that `account` may not enter; the server's own message would not
 * name it.
 */
function assertEnterable(target, account) {
  if (!account) return;
  for (let folder = target; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const { mode, uid, gid } = fs.statSync(folder);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) {
      throw new Error(
        `As root the embedded PostgreSQL runs as the user ${account.name}, who may not enter ${folder}. ` +
          'Choose another data folder.',
      );
    }
  }
}

module.exports = { PROJECT, assertEnterable, binariesRoot, dataRoot, isRoot, makeFolder, serverAccount };
