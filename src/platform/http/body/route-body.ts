import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';

/** Content types that are handed over unread, to routes that ask for it. */
export const STREAM_TYPES = ['application/x-ndjson', 'text/csv'] as const;
export type StreamType = (typeof STREAM_TYPES)[number];

interface BodyConfig {
  readonly body?: 'bytes' | 'stream';
}

/** The handler gets the body as the very bytes that came, a Buffer: signatures are made over them. */
export function BytesBody(): MethodDecorator {
  return RouteConfig({ body: 'bytes' } satisfies BodyConfig);
}

/** The handler gets the body as a Readable (`request.body`), unread and without a limit of its own: the handler must bound it, and document it. */
export function StreamBody(): MethodDecorator {
  return RouteConfig({ body: 'stream' } satisfies BodyConfig);
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
