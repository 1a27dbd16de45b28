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

/** Whoever may not enter any more gets no answer that was kept for them, either. */
export function isShutOut(refusal: unknown): boolean {
  return (
    refusal instanceof AccessChanged ||
    (refusal instanceof HttpProblem && (refusal.status === 401 || refusal.status === 403)) ||
    (refusal instanceof DomainError && refusal.kind === 'forbidden')
  );
}

/** Waited for in vain, or taken by somebody whose answer is gone again. */
export function isHeldByAnother(refusal: unknown): boolean {
  return (
    (refusal instanceof LockTimeout && refusal.isAbout('idempotency_keys')) ||
    isUniqueViolation(refusal, 'idempotency_keys_pkey')
  );
}
