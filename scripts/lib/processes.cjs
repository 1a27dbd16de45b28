'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const { setTimeout: delay } = require('node:timers/promises');

const LOOPBACK = '127.0.0.1';
const POLL_MS = 20;

/** Resolves with the first truthy value of `probe`, or rejects with `describe()` when the time is up. */
async function until(probe, timeoutMs, describe) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(describe());
    await delay(POLL_MS);
  }
}

/** Returns a port that is free at this moment. Another process may bind it first: the caller must retry. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, LOOPBACK, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/**
 * Sends `message` and resolves with the first bytes of the reply, or undefined when there is none in time.
 */
function sendOnce(port, message, timeoutMs = 1_000) {
  return new Promise((resolve) => {
    const socket = net.connect({ host: LOOPBACK, port });
    const finish = (reply) => {
      socket.destroy();
      resolve(reply);
    };
    socket.setTimeout(timeoutMs, () => finish(undefined));
    socket.once('connect', () => socket.write(message));
    socket.once('data', finish);
    socket.once('error', () => finish(undefined));
    socket.once('end', () => finish(undefined));
  });
}

/** A zombie counts as dead: it holds no port and no file, and only its parent has not reaped it. */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  return statFields(pid)?.[0] !== 'Z';
}

function statFields(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Pids are reused, so a process is identified by its pid and its start time. */
function birthOf(pid) {
  const startTicks = statFields(pid)?.[19];
  if (startTicks) return startTicks;
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}

/**
 * Records that process `pid` owns what runs from `file`'s folder; fails with EEXIST when an owner is recorded.
 */
function writeOwner(file, pid = process.pid) {
  fs.writeFileSync(file, JSON.stringify({ pid, birth: birthOf(pid) }), { mode: 0o600, flag: 'wx' });
}

/** The pid of the process that `file` names, or undefined when that one is gone. */
function livingOwner(file) {
  let owner;
  try {
    owner = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
  return isAlive(owner.pid) && birthOf(owner.pid) === owner.birth ? owner.pid : undefined;
}

const atExit = new Map();

/**
 * Signals `child` when this process ends without having stopped it (an uncaught error, process.exit); returns a
 * function that cancels this. After kill -9, which nothing can catch, the next start finds the owner dead and
 * cleans up.
 */
function killAtExit(child, signal) {
  if (atExit.size === 0) process.once('exit', killAll);
  atExit.set(child, signal);
  return () => {
    atExit.delete(child);
    if (atExit.size === 0) process.removeListener('exit', killAll);
  };
}

function killAll() {
  for (const [child, signal] of atExit) child.kill(signal);
}

/** Resolves when `child` has ended, at once when it already has. */
function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

/** Kills process `pid` and everything in its process group. */
function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

module.exports = {
  LOOPBACK,
  sendOnce,
  ended,
  freePort,
  isAlive,
  killAtExit,
  killGroup,
  livingOwner,
  until,
  writeOwner,
};
