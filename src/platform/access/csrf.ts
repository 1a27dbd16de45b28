import { createHmac } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { equalInConstantTime } from '../crypto';

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Derived from the session's secret: it cannot be computed without the cookie, and fits no other session. */
export function csrfTokenOf(session: string): string {
  return createHmac('sha256', session).update('csrf').digest('base64url');
}

/** A browser adds the cookie to requests of other sites, too; such a site cannot set the header or the origin. */
export function isForged(request: FastifyRequest, session: string): boolean {
  if (SAFE.has(request.method)) return false;
  const given = request.headers['x-csrf-token'];
  return (
    isFromElsewhere(request) || typeof given !== 'string' || !equalInConstantTime(given, csrfTokenOf(session))
  );
}

/** By the headers that a browser sets itself. Programs send neither of them. */
export function isFromElsewhere(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const { origin } = request.headers;
  if (origin === undefined) return false;
  if (!URL.canParse(origin)) return true;
  const { protocol, host } = new URL(origin);
  // The scheme is the origin's own, since a proxy may have taken the TLS away; with it the default port drops
  // out of both.
  const own = `${protocol}//${request.host}`;
  return !URL.canParse(own) || new URL(own).host !== host;
}
