/** What `npm start` needs besides its programs: settings, port, tenant and key of the demonstration. */
import installation from './installation.cjs';
import places from './places.cjs';
import processes from './processes.cjs';

const PORT_DEFAULT = 3000;

/**
 * Short periods, so that a demonstration of minutes shows what takes half a day in production. The environment
 * takes precedence.
 */
const DEMONSTRATION_SETTINGS = {
  SETTLEMENT_EXPAND_EVERY_MS: '2000',
  TRANSFER_SWEEP_EVERY_MS: '1000',
  TRANSFER_CALL_DEADLINE_MS: '1000',
  TRANSFER_LEASE_MS: '17000',
  TRANSFER_SAFE_WINDOW_MS: '10000',
  TRANSFER_QUARANTINE_MS: '2000',
  TRANSFER_PACE_PER_SECOND: '25',
  // One process uses the whole pace: only with a Redis is it shared.
  WORKERS_MAX: '1',
  FUNDING_POLL_EVERY_MS: '5000',
  LOG_LEVEL: 'warn',
};

/**
 * The port of the last start, if it is free: the webhook endpoint at the provider contains it.
 */
export async function choosePort(last) {
  const { PORT: wanted } = process.env;
  const port = wanted ? Number(wanted) : last ? Number(new URL(last.base_url).port) : PORT_DEFAULT;
  const taken = await fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );
  if (taken && wanted) throw new Error(`Port ${port} is in use: set PORT to another one, or leave it out.`);
  return taken ? processes.freePort() : port;
}

/** The tenant and the key of the first start, if the database still has them. */
export async function caller(baseUrl, last, env) {
  if (last && last.api_key) {
    const response = await fetch(`${baseUrl}/api/v1/api-keys/self`, {
      headers: { 'X-API-Key': last.api_key },
    });
    if (response.ok) return { tenant_id: last.tenant_id, api_key: last.api_key };
  }
  const tenant = JSON.parse(await installation.command('tenant-create', ['--name', 'Demonstration'], env));
  const key = JSON.parse(
    await installation.command(
      'api-key-create',
      ['--tenant', tenant.id, '--scopes', '*', '--name', 'demonstration'],
      env,
    ),
  );
  return { tenant_id: tenant.id, api_key: key.secret };
}

export async function connectRealStripe(baseUrl, apiKey, secretKey) {
  const response = await fetch(`${baseUrl}/api/v1/connections/stripe`, {
    method: 'PUT',
    headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
    body: JSON.stringify({ secret_key: secretKey }),
  });
  if (!response.ok) throw new Error(`Stripe did not accept STRIPE_SECRET_KEY: ${await response.text()}`);
}

/** What to delete in order to start again: for root, the database is outside the data folder. */
export function foldersOf(dataDir) {
  return [...new Set([dataDir, places.dataRoot(dataDir)])].join(' and ');
}

/** The settings of a simulated demonstration. What the environment sets takes precedence. */
export function demonstrationSettings() {
  return Object.fromEntries(
    Object.entries(DEMONSTRATION_SETTINGS).map(([key, value]) => [key, process.env[key] || value]),
  );
}
