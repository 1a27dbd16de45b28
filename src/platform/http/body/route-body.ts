import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest, RouteOptions } from 'fastify';
import { ApiProblems } from '../problem/api-problems';

/** Content types that are handed over unread, to routes that ask for it. */
export const STREAM_TYPES = ['application/x-ndjson', 'text/csv'] as const;
export type StreamType = (typeof STREAM_TYPES)[number];

interface BodyConfig {
  readonly body?: 'bytes' | 'stream';
  readonly isShort?: true;
}

/** Many times what anybody needs to say who they are. */
export const SHORT_BODY_MAX_BYTES = 16_384;

/** The handler gets the body as the very bytes that came, a Buffer: signatures are made over them. */
export function BytesBody(): MethodDecorator {
  return RouteConfig({ body: 'bytes' } satisfies BodyConfig);
}

/**
 * The handler gets the body as a Readable (`request.body`), unread and without a limit of its own: the
 * handler must bound it, and document it.
 */
export function StreamBody(): MethodDecorator {
  return RouteConfig({ body: 'stream' } satisfies BodyConfig);
}

/**
 * For routes that read a body before they know whose it is: nothing longer than `SHORT_BODY_MAX_BYTES` is
 * read.
 */
export function ShortBody(): MethodDecorator {
  return applyDecorators(RouteConfig({ isShort: true } satisfies BodyConfig), ApiProblems(413));
}

/**
 * Fastify's own bound of a route, which Nest has no decorator for; to be asked while routes are registered.
 */
export function boundBody(route: RouteOptions, bodyLimitBytes: number): void {
  if ((route.config as BodyConfig | undefined)?.isShort)
    route.bodyLimit = Math.min(SHORT_BODY_MAX_BYTES, bodyLimitBytes);
}

export function takesBytes(request: FastifyRequest): boolean {
  return configOf(request).body === 'bytes';
}

export function takesStream(request: FastifyRequest): boolean {
  return configOf(request).body === 'stream';
}

function configOf(request: FastifyRequest): BodyConfig {
  return request.routeOptions.config as BodyConfig;
}
