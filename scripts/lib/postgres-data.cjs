'use strict';

const { spawnSync } = require('node:child_process');
const { randomBytes } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { isAlive, livingOwner, until, writeOwner } = require('./processes.cjs');

const SUPERUSER = 'postgres';
const SHUTDOWN_MS = 20_000;

/**
 * The files of a data folder are beside it, because PostgreSQL needs the folder itself to be empty.
 */
function filesOf(dataDir) {
  return { password: `${dataDir}.password`, owner: `${dataDir}.owner`, log: `${dataDir}.log` };
}

/**
 * Options of a child that runs as `account`, with none of our environment: PGDATA and the like would change
 * the server.
 */
function childOptions(account) {
  const identity = account ? { uid: account.uid, gid: account.gid } : {};
  return { ...identity, cwd: '/', env: { PATH: process.env.PATH, HOME: '/', LC_ALL: 'C', TZ: 'UTC' } };
}

/** Makes this process the only one that may start, repair or remove `dataDir`. */
function claim(dataDir) {
  const { owner } = filesOf(dataDir);
  const holder = livingOwner(owner);
  if (holder)
    throw new Error(
      `The database in ${dataDir} is in use by process ${holder}. ` +
        'Stop that one first, or set DATA_DIR to another folder.',
    );
  fs.rmSync(owner, { force: true });
  try {
    writeOwner(owner);
  } catch (error) {
    if (error.code === 'EEXIST')
      throw new Error(`The database in ${dataDir} is being started by another process just now.`);
    throw new Error(`Cannot write beside ${dataDir}: ${error.message}`);
  }
}

function release(dataDir) {
  fs.rmSync(filesOf(dataDir).owner, { force: true });
}

/**
 * Makes the data folder when there is none, and returns the superuser's password. Half-made folders never get
 * the name.
 */
function ensureData({ binaries, dataDir, account, durable }) {
  const { password } = filesOf(dataDir);
  if (fs.existsSync(path.join(dataDir, 'PG_VERSION'))) return readPassword(dataDir, password);
  const unfinished = `${dataDir}.unfinished`;
  fs.rmSync(unfinished, { recursive: true, force: true });
  const secret = randomBytes(24).toString('base64url');
  initialise({ binaries, folder: unfinished, account, secret, durable });
  fs.writeFileSync(password, secret, { mode: 0o600 });
  fs.renameSync(unfinished, dataDir);
  return secret;
}

function readPassword(dataDir, file) {
  try {
    return fs.readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new Error(
      `The data in ${dataDir} need the password in ${file}, which cannot be read (${error.code}). ` +
        'Restore it, or remove both to start again.',
    );
  }
}

function initialise({ binaries, folder, account, secret, durable }) {
  fs.mkdirSync(folder, { mode: 0o700 });
  const passwordFile = path.join(path.dirname(folder), `${path.basename(folder)}.pw`);
  fs.writeFileSync(passwordFile, secret, { mode: 0o600 });
  try {
    if (account) for (const file of [folder, passwordFile]) fs.chownSync(file, account.uid, account.gid);
    const args = [
      '-D',
      folder,
      '-U',
      SUPERUSER,
      '--pwfile',
      passwordFile,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
    ];
    // The built-in provider sorts by code point and has UTF-8 case rules, the same on every machine.
    args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions');
    if (!durable) args.push('--no-sync');
    const { status, error, stderr } = spawnSync(path.join(binaries, 'bin/initdb'), args, {
      ...childOptions(account),
      encoding: 'utf8',
    });
    if (status !== 0)
      throw new Error(`Cannot make a database in ${folder}: ${explain(error?.message ?? stderr)}`);
  } catch (error) {
    fs.rmSync(folder, { recursive: true, force: true });
    throw error;
  } finally {
    fs.rmSync(passwordFile, { force: true });
  }
}

/** Adds what to do to the three failures that have a remedy outside of PostgreSQL. */
function explain(text) {
  if (/No space left|ENOSPC/.test(text)) return `${text.trim()}\nThe disk is full.`;
  if (/could not look up effective user ID/.test(text))
    return `${text.trim()}\nThis user id has no name; PostgreSQL needs an entry in /etc/passwd.`;
  if (/EPERM|EACCES|Permission denied/.test(text))
    return `${text.trim()}\nThe user that runs the server may not do that: check the owner and mode of the folder.`;
  return text.trim();
}

/**
 * Stops a server that still runs on `dataDir` though the process that started it is gone (kill -9), and
 * removes a pid file that would prevent the next start: PostgreSQL takes the pid for alive when another program
 * has it now, or when the dead process was not reaped, as in a container whose first process is not an init.
 * Sessions of the dead server may still be ending, and no second server may start before they have; without the
 * pid file it would not detect them.
 */
async function stopLeftover(dataDir) {
  const pid = postmasterOf(dataDir);
  if (pid === undefined) return;
  const hint = `The PostgreSQL left running on ${dataDir} (pid ${pid}) does not stop.`;
  if (isAlive(pid) && commandOf(pid).includes(`bin/postgres -D ${dataDir} `)) {
    process.kill(pid, 'SIGINT');
    await until(
      () => !isAlive(pid),
      SHUTDOWN_MS,
      () => hint,
    );
  }
  await until(
    () => !isWorkedIn(dataDir),
    SHUTDOWN_MS,
    () => hint,
  );
  fs.rmSync(path.join(dataDir, 'postmaster.pid'), { force: true });
}

function postmasterOf(dataDir) {
  try {
    const pid = Number.parseInt(fs.readFileSync(path.join(dataDir, 'postmaster.pid'), 'utf8'), 10);
    return pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Every process of a server has its data folder as working folder. */
function isWorkedIn(dataDir) {
  if (!fs.existsSync('/proc/self'))
    return execQuietly('ps', ['-axo', 'command=']).includes(`bin/postgres -D ${dataDir} `);
  return fs.readdirSync('/proc').some((pid) => /^\d+$/.test(pid) && folderOf(pid) === dataDir);
}

function folderOf(pid) {
  try {
    return fs.readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

function commandOf(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return execQuietly('ps', ['-o', 'command=', '-p', String(pid)]);
  }
}

function execQuietly(program, args) {
  return spawnSync(program, args, { encoding: 'utf8' }).stdout ?? '';
}

module.exports = {
  SHUTDOWN_MS,
  SUPERUSER,
  childOptions,
  claim,
  ensureData,
  explain,
  filesOf,
  release,
  stopLeftover,
};
