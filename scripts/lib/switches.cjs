'use strict';

const fs = require('node:fs');
const { parseEnv } = require('node:util');

/** What the start itself must know. Everything else in `.env` is the program's, which reads it by itself. */
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
 * Takes the switches of an `.env` file into `env`, where what is set already wins. Not the whole file: a copy
 * of .env.example holds the periods of production, and the demonstration would then take half a day.
 */
function takeSwitches(file, env) {
  if (!fs.existsSync(file)) return;
  const written = parseEnv(fs.readFileSync(file, 'utf8'));
  for (const name of SWITCHES) if (written[name]) env[name] ??= written[name];
}

module.exports = { takeSwitches };
