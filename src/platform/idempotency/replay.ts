import { AccessChanged } from '../../kernel/access-epochs';
import { DomainError } from '../../kernel/errors';
import { isUniqueViolation, LockTimeout } from '../database';
import { HttpProblem } from '../http';
import { IdempotentResponse } from './response';
import { keyReused } from './errors';
import type { Claim } from './idempotency-keys.sql';

export function replay(kept: Omit<Claim, 'claimed'>, fingerprint: Buffer): IdempotentResponse {
  if (!kept.fingerprint.equals(fingerprint)) throw keyReused();
  if (kept.status === null || kept.body === null)
    throw new Error('an idempotency key was committed without its answer');
  return IdempotentResponse.again({
    status: kept.status,
    body: kept.body,
    location: kept.location,
    fingerprint,
  });
}

/** A caller without access gets no stored response either. */
export function isAccessDenied(error: unknown): boolean {
  return (
    error instanceof AccessChanged ||
    (error instanceof HttpProblem && (error.status === 401 || error.status === 403)) ||
    (error instanceof DomainError && error.kind === 'forbidden')
  );
}

/** Another request holds the key, or held it and was rolled back. */
export function isKeyConflict(error: unknown): boolean {
  return (
    (error instanceof LockTimeout && error.isAbout('idempotency_keys')) ||
    isUniqueViolation(error, 'idempotency_keys_pkey')
  );
}
