import type { IncomingHttpHeaders } from 'node:http';
import type { Account } from './state/objects';
import type { Platform } from './state/platform';
import type { Simulation } from './state/simulation';
import { forbidden, unauthorized } from './wire/failure';

const AUTO_REGISTERED = /^sk_test_sim_\w+$/;

/**
 * A live key moves real money. It is rejected before anything is looked up, and no message shows it in full.
 */
export const LIVE_KEY = /^(sk|rk|pk)_live_/;

function masked(key: string): string {
  return key.length <= 12 ? `${key.slice(0, 4)}****` : `${key.slice(0, 8)}****${key.slice(-4)}`;
}

function secretKeyOf(header: string | undefined): string {
  if (header?.startsWith('Bearer ') === true) return header.slice(7).trim();
  if (header?.startsWith('Basic ') === true)
    return Buffer.from(header.slice(6), 'base64').toString('utf8').split(':')[0] ?? '';
  throw unauthorized(
    'You did not provide an API key. You need to provide your API key in the Authorization header, ' +
      'using Bearer auth.',
  );
}

/** Returns the platform of the key. Throws a 401 or 403 as Stripe returns it. */
export function authenticate(simulation: Simulation, headers: IncomingHttpHeaders): Platform {
  const secret = secretKeyOf(headers.authorization);
  if (LIVE_KEY.test(secret)) {
    process.stderr.write(
      `STRIPE SIMULATOR: a LIVE key (${masked(secret)}) was sent to the simulator and rejected. ` +
        'Find out who sent it.\n',
    );
    throw unauthorized(`This is the Stripe simulator: it rejects live keys (${masked(secret)}).`);
  }
  const registered = simulation.keys.get(secret);
  if (registered === undefined) {
    if (simulation.options.auto_register !== false && AUTO_REGISTERED.test(secret))
      return simulation.register(secret).platform;
    throw unauthorized(`Invalid API Key provided: ${masked(secret)}`);
  }
  if (registered.state === 'revoked') throw unauthorized(`Invalid API Key provided: ${masked(secret)}`);
  if (registered.state === 'expired')
    throw unauthorized(`Expired API Key provided: ${masked(secret)}`, 'api_key_expired');
  if (registered.state === 'restricted') {
    throw forbidden(
      `The provided key '${masked(secret)}' does not have the required permissions for this endpoint.`,
      'secret_key_required',
    );
  }
  return registered.platform;
}

export function onBehalfOf(platform: Platform, headers: IncomingHttpHeaders): Account | null {
  const id = headers['stripe-account'];
  if (typeof id !== 'string' || id === platform.id) return null;
  const account = platform.accounts.get(id);
  if (account === undefined) {
    throw forbidden(
      `The provided key does not have access to account '${id}' (or that account does not exist). ` +
        'Application access may have been revoked.',
      'account_invalid',
    );
  }
  return account;
}
