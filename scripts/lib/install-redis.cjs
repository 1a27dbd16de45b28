'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const { isRoot } = require('./places.cjs');

const POLICY_FILE = '/usr/sbin/policy-rc.d';

/** The major version of the redis-server on PATH, or undefined when there is none. */
function redisVersion() {
  const { status, stdout } = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  return Number(/v=(\d+)/.exec(stdout)?.[1] ?? 0);
}

/**
 * Installs redis-server through apt, when we are root on a Debian-like machine, without starting a service:
 * for the time of the installation a policy-rc.d forbids exactly that one, and it is removed whatever
 * happens. An existing policy-rc.d is not changed: the machine's owner has decided about services already.
 */
function installRedis() {
  const remedy = 'Install Redis 6 or newer, so that redis-server is on PATH.';
  const hasApt = spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;
  if (!isRoot() || !hasApt)
    throw new Error(`The tests need a redis-server, and there is none on PATH. ${remedy}`);
  process.stderr.write('No redis-server on PATH: installing it with apt-get.\n');
  const ours = !fs.existsSync(POLICY_FILE);
  if (ours)
    fs.writeFileSync(POLICY_FILE, '#!/bin/sh\n[ "$1" = redis-server ] && exit 101\nexit 0\n', {
      mode: 0o755,
    });
  try {
    apt(['update']);
    apt(['install', '-y', '--no-install-recommends', 'redis-server']);
  } finally {
    if (ours) fs.rmSync(POLICY_FILE, { force: true });
  }
  const version = redisVersion();
  if (version === undefined)
    throw new Error(`apt-get installed Redis, but redis-server is not on PATH. ${remedy}`);
  return version;
}

function apt(args) {
  const { status, stderr } = spawnSync('apt-get', ['-q', ...args], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status !== 0)
    throw new Error(
      `apt-get ${args[0]} failed, so there is no redis-server for the tests: ${stderr.trim().slice(-500)}`,
    );
}

module.exports = { installRedis, redisVersion };
