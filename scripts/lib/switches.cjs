'use strict';

const fs = require('node:fs');
const { parseEnv } = require('node:util');

/** The variables that the start itself needs. The program reads the rest of `.env` by itself. */
const SWITCHES = [
  'NODE_ENV',
  'PORT',
  'DATA_DIR',
  'DATABASE_URL',
  'DATABASE_SYSTEM_URL',
  'DATABASE_OWNER_URL',
  'REDIS_URL',
  'STRIPE_SECRET_KEY',
];

/**
 * Takes the switches of an `.env` file into `env`, which takes precedence. Not the whole file: a copy of
 * .env.example has the periods of production, with which the demonstration would take half a day.
 */
function takeSwitches(file, env) {
  if (!fs.existsSync(file)) return;
  const written = parseEnv(fs.readFileSync(file, 'utf8'));
  for (const name of SWITCHES) if (written[name]) env[name] ??= written[name];
}

module.exports = { takeSwitches };
