import { createHash, hash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { canonical } from '../../kernel/canonical-json';
import { contentOf } from './key';

/**
 * SHA-256 over what makes two requests the same: method, route with its parameters, query, and the body with
 * its keys in order, so that a client library that reorders keys still repeats itself.
 */
export function fingerprintOf(request: FastifyRequest): Buffer {
  return hash(
    'sha256',
    canonical([
      request.method,
      request.routeOptions.url ?? '',
      request.params,
      request.query,
      contentOf(request),
    ]),
    'buffer',
  );
}

/** As `fingerprintOf`, for a body that was read as a stream and hashed by its reader. */
export function streamFingerprint(request: FastifyRequest, bodySha256: Buffer): Buffer {
  const request256 = createHash('sha256').update(
    canonical([request.method, request.routeOptions.url ?? '', request.params, request.query]),
  );
  return request256.update(bodySha256).digest();
}
