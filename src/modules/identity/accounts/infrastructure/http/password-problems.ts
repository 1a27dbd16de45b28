import type { FastifyRequest } from 'fastify';
import { isFromElsewhere, securityEvent } from '../../../../../platform/access';
import { HttpProblem } from '../../../../../platform/http';
import type { PasswordCheck } from '../../application/check-password';

/** The same response whether the user is unknown, disabled, only invited, or the password is wrong. */
export function wrongPassword(request: FastifyRequest): HttpProblem {
  securityEvent(request, 'login_failed');
  return new HttpProblem(401, 'invalid_credentials', 'The e-mail address or the password is wrong.');
}

export function passwordRateLimited(request: FastifyRequest, waitS: number): HttpProblem {
  securityEvent(request, 'login_throttled');
  return new HttpProblem(
    429,
    'rate_limited',
    'Too many passwords were tried. Wait as long as Retry-After says.',
    { headers: { 'retry-after': String(waitS) } },
  );
}

/** @throws HttpProblem unless the password was right */
export function assertPasswordValid(
  request: FastifyRequest,
  check: PasswordCheck,
): Extract<PasswordCheck, { status: 'right' }> {
  if (check.status === 'rate_limited') throw passwordRateLimited(request, check.waitS);
  if (check.status === 'wrong') throw wrongPassword(request);
  return check;
}

/** Another site must not sign its visitors in as its own user (login CSRF). @throws HttpProblem */
export function rejectOtherOrigin(request: FastifyRequest): void {
  if (!isFromElsewhere(request)) return;
  securityEvent(request, 'csrf_failed');
  throw new HttpProblem(403, 'csrf_failed', 'You can log in only from this site itself.');
}
