import type { Environment } from './environment';

/** Stripe may forget a key after 24 hours, and then the same key pays again. */
const SAFE_WINDOW_MAX_MS = 23 * 3_600_000;
const LEASE_MARGIN_MS = 15_000;

/**
 * Passwords of published documents, examples and images: they are no secrets.
 */
const KNOWN_PASSWORDS = new Set([
  '',
  'postgres',
  'password',
  'disburse',
  'disburse-test',
  'secret',
  'changeme',
  'admin',
  'redis',
  'root',
  'test',
]);
/** Whole words only: four letters in a row also happen in random base64. */
const LOOKS_LIKE_A_DEFAULT =
  /(?:^|[^a-z0-9])(?:change|changeme|example|default|placeholder|insecure|demo|dummy|secret|password|development|simulator|replace)(?:$|[^a-z0-9])/i;
const DISTINCT_MIN = 12;

/** What must hold between variables. One line per problem, each naming its variable. */
export function brokenRules(e: Environment): string[] {
  const problems: string[] = [];
  const leaseMinMs = 2 * e.transferCallDeadlineMs + LEASE_MARGIN_MS;
  if (e.transferLeaseMs < leaseMinMs) {
    problems.push(
      `TRANSFER_LEASE_MS must be at least 2 × TRANSFER_CALL_DEADLINE_MS + ${LEASE_MARGIN_MS} = ${leaseMinMs}: a shorter lease lets two workers send at once`,
    );
  }
  if (e.transferSafeWindowMs > SAFE_WINDOW_MAX_MS) {
    problems.push(
      `TRANSFER_SAFE_WINDOW_MS must be at most ${SAFE_WINDOW_MAX_MS} (23 hours): Stripe may forget a key after 24, and then the same key pays again`,
    );
  }
  for (const [name, ring] of rings(e)) {
    const ids = ring.map(({ id }) => id);
    if (new Set(ids).size !== ids.length) problems.push(`${name} names the same key id twice`);
  }
  return e.isProduction ? [...problems, ...brokenInProduction(e)] : problems;
}

function brokenInProduction(e: Environment): string[] {
  const problems: string[] = [];
  if (!e.redisUrl)
    problems.push('REDIS_URL is missing: in production processes wake each other through Redis');
  if (e.stripeApiBase)
    problems.push(
      'STRIPE_API_BASE must not be set in production: money would be sent to something that is not Stripe',
    );
  if (e.stripeSecretKey && looksLikeADefault(e.stripeSecretKey))
    problems.push('STRIPE_SECRET_KEY is a known demo value');
  if (e.cursorSecret && looksLikeADefault(e.cursorSecret))
    problems.push('CURSOR_SECRET is a known or guessable value: use 32 random bytes in base64');
  if (e.metricsToken && looksLikeADefault(e.metricsToken))
    problems.push('METRICS_TOKEN is a known or guessable value');
  if (e.sessionCookieSecure === false)
    problems.push(
      'SESSION_COOKIE_SECURE must not be false in production: sessions would travel in the clear',
    );
  for (const [name, ring] of rings(e)) {
    for (const { id, material } of ring) {
      if (new Set(material).size < DISTINCT_MIN)
        problems.push(`${name}: the key ${id} is not random: make one with "openssl rand -base64 32"`);
    }
  }
  if (sharesAKey(e))
    problems.push(
      'TOKEN_KEYS and ENCRYPTION_KEYS have a key in common: use different keys, so that a leak of one variable does not reveal the other',
    );
  for (const [name, url] of [
    ['DATABASE_URL', e.databaseUrl],
    ['DATABASE_SYSTEM_URL', e.databaseSystemUrl],
    ['DATABASE_OWNER_URL', e.databaseOwnerUrl],
  ] as const) {
    if (url && hasKnownPassword(url)) problems.push(`${name} has no password or a known one`);
  }
  return problems;
}

function rings(e: Environment): [name: string, keys: { id: string; material: Buffer }[]][] {
  return [
    ['ENCRYPTION_KEYS', ringOf(e.encryptionKeys)],
    ['TOKEN_KEYS', ringOf(e.tokenKeys)],
  ];
}

function ringOf(text: string | undefined): { id: string; material: Buffer }[] {
  return (text?.split(',') ?? []).map((key) => {
    const [id = '', material = ''] = key.split(':');
    return { id, material: Buffer.from(material, 'base64') };
  });
}

function sharesAKey(e: Environment): boolean {
  const sealing = new Set(ringOf(e.encryptionKeys).map(({ material }) => material.toString('base64')));
  return ringOf(e.tokenKeys).some(({ material }) => sealing.has(material.toString('base64')));
}

function looksLikeADefault(secret: string): boolean {
  return LOOKS_LIKE_A_DEFAULT.test(secret) || new Set(secret).size < DISTINCT_MIN;
}

function hasKnownPassword(url: string): boolean {
  return !URL.canParse(url) || KNOWN_PASSWORDS.has(decodeURIComponent(new URL(url).password).toLowerCase());
}
