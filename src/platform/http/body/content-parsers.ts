import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HttpProblem } from '../problem/http-problem';
import { standardProblem } from '../problem/standard-problems';
import { parseJson } from './parse-json';
import { STREAM_TYPES, takesBytes, takesStream } from './route-body';

/** JSON for every route, streams for the routes that ask for them; nothing else is read at all. */
export function readBodies(server: FastifyInstance, bodyLimitBytes: number): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: bodyLimitBytes },
    (request: FastifyRequest, bytes: Buffer, done) => {
      try {
        done(null, readJson(request, bytes));
      } catch (refusal) {
        done(refusal as Error);
      }
    },
  );
  server.addContentTypeParser([...STREAM_TYPES], (request: FastifyRequest, stream, done) => {
    if (takesStream(request)) done(null, stream);
    else done(unsupported());
  });
}

/** Undefined for no bytes at all, which not every route refuses: see EmptyBodyGuard. */
function readJson(request: FastifyRequest, bytes: Buffer): unknown {
  if (takesBytes(request)) return bytes;
  if (takesStream(request) || !isUtf8Charset(request.headers['content-type'])) throw unsupported();
  return bytes.length === 0 ? undefined : parseJson(bytes);
}

/**
 * JSON is UTF-8. A body announced as UTF-7 or UTF-16 would be read as other characters than its sender meant.
 */
function isUtf8Charset(contentType = ''): boolean {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(contentType)?.[1];
  return charset === undefined || /^utf-?8$/i.test(charset);
}

function unsupported(): HttpProblem {
  const { code, detail } = standardProblem(415);
  return new HttpProblem(415, code, detail);
}
