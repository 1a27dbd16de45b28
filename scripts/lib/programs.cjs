'use strict';

const { spawn } = require('node:child_process');
const path = require('node:path');
const { PROJECT } = require('./places.cjs');

const END_WITH_PARENT = path.join(__dirname, 'end-with-parent.cjs');

/** Starts one of our programs, which ends as on SIGTERM when this process ends in any way. */
function spawnProgram(args, { env = {}, stdout = 'pipe' } = {}) {
  return spawn(process.execPath, ['--require', END_WITH_PARENT, ...args], {
    cwd: PROJECT,
    env: { ...process.env, ...env },
    stdio: ['ignore', stdout, 'inherit', 'ipc'],
  });
}

module.exports = { spawnProgram };
