import type { FastifyRequest } from 'fastify';
import { HttpProblem } from '../../../../../platform/http';
import { isFromElsewhere, securityEvent } from '../../../../../platform/access';
import type { Tried } from '../../application/check-password';

/** What a wrong password is answered, the same for everybody. */
export function wrongPassword(request: FastifyRequest): HttpProblem {
  securityEvent(request, 'login_failed');
  return new HttpProblem(401, 'invalid_credentials', 'The e-mail address or the password is wrong.');
}

export function tooOften(request: FastifyRequest, waitS: number): HttpProblem {
  securityEvent(request, 'login_throttled');
  return new HttpProblem(
    429,
    'rate_limited',
    'Too many passwords were tried. Wait as long as Retry-After says.',
    { headers: { 'retry-after': String(waitS) } },
  );
}

/** @throws HttpProblem unless the password was right */
export function mustBeRight(request: FastifyRequest, tried: Tried): Extract<Tried, { is: 'right' }> {
  if (tried.is === 'too_often') throw tooOften(request, tried.waitS);
  if (tried.is === 'wrong') throw wrongPassword(request);
  return tried;
}

/** A page of somebody else must not log its visitors in as its author. @throws HttpProblem */
export function refuseFromElsewhere(request: FastifyRequest): void {
  if (!isFromElsewhere(request)) return;
  securityEvent(request, 'csrf_failed');
  throw new HttpProblem(403, 'csrf_failed', 'Logging in works from the own origin only.');
}
