import { AccessChanged } from '../../kernel/access-epochs';
import { DomainError } from '../../kernel/errors';
import { isUniqueViolation, LockTimeout } from '../database';
import { HttpProblem } from '../http';
import { IdempotentResponse } from './response';
import { keyReused } from './errors';
import type { StoredResponse } from './idempotency-keys.sql';

export function replay(stored: StoredResponse, fingerprint: Buffer): IdempotentResponse {
  if (!stored.fingerprint.equals(fingerprint)) throw keyReused();
  if (stored.status === null || stored.body === null)
    throw new Error('an idempotency key was committed without its response');
  return IdempotentResponse.again({
    status: stored.status,
    body: stored.body,
    location: stored.location,
    fingerprint,
  });
}

/** A caller whose access ended gets no stored response, either. */
export function isAccessDenied(error: unknown): boolean {
  return (
    error instanceof AccessChanged ||
    (error instanceof HttpProblem && (error.status === 401 || error.status === 403)) ||
    (error instanceof DomainError && error.kind === 'forbidden')
  );
}

/** The wait for the key timed out, or its response was purged meanwhile. */
export function isKeyConflict(error: unknown): boolean {
  return (
    (error instanceof LockTimeout && error.isAbout('idempotency_keys')) ||
    isUniqueViolation(error, 'idempotency_keys_pkey')
  );
}
