import { AccessChanged } from '../../kernel/access-epochs';
import { DomainError, Misconfigured, domainError } from '../../kernel/errors';

/** COMMIT was sent without a response: the transaction may or may not be committed. We never repeat it. */
export class CommitUnknown extends domainError(
  'commit_unknown',
  'unavailable',
  'The database did not confirm the commit. Repeat the request with the same Idempotency-Key.',
) {}

export class DatabaseUnavailable extends domainError('database_unavailable', 'unavailable') {
  constructor(readonly reason: unknown) {
    super('The database is not available at the moment.');
  }
}

/** A lock was not granted in time: another transaction holds the same rows. */
export class LockTimeout extends domainError('lock_timeout', 'unavailable') {
  /** `where` as the server says it: while inserting into which index, for example. */
  constructor(private readonly where = '') {
    super('Another request works on the same data. Try again shortly.');
  }

  isAbout(table: string): boolean {
    return this.where.includes(table);
  }
}

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
const LOCK_NOT_AVAILABLE = '55P03';
/** Raised by platform.assert_access_epoch(). */
const ACCESS_CHANGED = 'ZA001';

/**
 * Classes of SQLSTATE that mean "not now" rather than "not so": connection (08), resources (53), operator
 * intervention (57), system (58), a server that became read-only (25006) or ended our transaction because it
 * took too long (25P03, 25P04). The list is PostgreSQL's appendix A.
 */
const UNAVAILABLE = /^(08|53|57|58)|^25(006|P03|P04)$/;
const SOCKET = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]);

/** The login or the database does not exist, or the password is another: no waiting changes that. */
const LOGIN_REFUSED = /^28|^3D000$/;
/** No such table, schema, column or function. */
const NOT_MIGRATED = /^(42P01|3F000|42703|42883)$/;

export function sqlStateOf(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : null;
}

export function constraintOf(error: unknown): string | null {
  const name = (error as { constraint?: unknown } | null)?.constraint;
  return typeof name === 'string' ? name : null;
}

export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return sqlStateOf(error) === '23505' && (!constraint || constraintOf(error) === constraint);
}

/**
 * Two makers of one account at the same moment: its key settles that, but the constraint that says who it is
 * may be met first. The second time it is there.
 */
const CONCURRENT_ACCOUNT_INSERT = 'accounts_identity';

export function isWorthRepeating(error: unknown): boolean {
  const state = sqlStateOf(error);
  return (
    state === SERIALIZATION_FAILURE ||
    state === DEADLOCK ||
    isUniqueViolation(error, CONCURRENT_ACCOUNT_INSERT)
  );
}

/** node-postgres reports a cut connection without a code, by message only. */
export function isConnectionLoss(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state && (SOCKET.has(state) || UNAVAILABLE.test(state))) return true;
  return (
    error instanceof Error &&
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable/i.test(
      error.message,
    )
  );
}

export function isLoginRefused(error: unknown): boolean {
  return LOGIN_REFUSED.test(sqlStateOf(error) ?? '');
}

/**
 * What a start or a command says in place of an error that a person must act on. pg's messages name the login
 * and no password.
 */
export function explained(error: unknown): unknown {
  const { message } = error as Error;
  if (isLoginRefused(error))
    return new Misconfigured(`The database does not let us in: ${message}. Check the URL of that login.`);
  if (NOT_MIGRATED.test(sqlStateOf(error) ?? ''))
    return new Misconfigured(
      `The database is not that of this version (${message}): run "npm run db:migrate" with DATABASE_OWNER_URL.`,
    );
  if (isConnectionLoss(error))
    return new Misconfigured(`The database cannot be reached: ${message || sqlStateOf(error)}`);
  return error;
}

/** What leaves the unit of work: our own errors as they are, the server's absence as DatabaseUnavailable. */
export function translated(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  if (sqlStateOf(error) === LOCK_NOT_AVAILABLE) return new LockTimeout((error as { where?: string }).where);
  if (sqlStateOf(error) === ACCESS_CHANGED) return new AccessChanged();
  if (isConnectionLoss(error) || isWorthRepeating(error)) return new DatabaseUnavailable(error);
  return error;
}
