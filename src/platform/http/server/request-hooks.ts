import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Log } from '../../logging';
import { HttpProblem } from '../problem/http-problem';
import { standardProblem } from '../problem/standard-problems';
import { refusalOf } from '../query/strict-query';
import { setAnswerHeaders } from './answer-headers';
import type { RouteTable } from './route-table';

declare module 'fastify' {
  interface FastifyInstance {
    httpLog: Log;
    routeTable: RouteTable;
  }
  interface FastifyRequest {
    /** Code of the problem that was answered, for the log. */
    refusalCode: string | null;
    isLogged: boolean;
    /** When the request came in, by the process's own clock; null before any hook ran. */
    arrivedAtMs: number | null;
  }
}

/** Nginx's status for a client that went away: it never reaches anybody, it only stands in the log. */
const CLIENT_GONE = 499;

export function addRequestHooks(server: FastifyInstance, urlLengthMax: number): void {
  server.decorateRequest('principal', null);
  server.decorateRequest('user', null);
  server.decorateRequest('reauthenticate', null);
  server.decorateRequest('reauthenticateUser', null);
  server.decorateRequest('refusalCode', null);
  server.decorateRequest('isLogged', false);
  server.decorateRequest('arrivedAtMs', null);
  server.addHook('onRequest', (request, reply, done) => {
    request.arrivedAtMs = performance.now();
    setAnswerHeaders(request, reply);
    // Fastify's onRequestAbort is silent once the body has been read, which is when callers lose patience.
    reply.raw.once('close', () => logRequest(request, CLIENT_GONE, reply.elapsedTime));
    done(refusal(request, urlLengthMax));
  });
  server.addHook('onResponse', (request, reply, done) => {
    logRequest(request, reply.statusCode, reply.elapsedTime);
    done();
  });
}

/**
 * Node closes idle connections when it stops listening, and forgets those that are busy at that moment: kept
 * alive by their callers, they would hold the stop for the whole keep-alive timeout.
 */
export function closeConnectionsAtStop(server: FastifyInstance): void {
  let stopping = false;
  server.addHook('preClose', (done) => {
    stopping = true;
    done();
  });
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (stopping) void reply.header('connection', 'close');
    done(null, payload);
  });
}

function refusal(request: FastifyRequest, urlLengthMax: number): HttpProblem | undefined {
  if (request.url.length > urlLengthMax)
    return new HttpProblem(414, 'uri_too_long', standardProblem(414).detail);
  return refusalOf(request.query) ?? undefined;
}

/**
 * One line a request, by whatever ends it first. The route is the pattern, so that ids and made-up paths stay
 * out; headers, query and body never get here.
 */
export function logRequest(request: FastifyRequest, status: number, durationMs: number): void {
  if (request.isLogged) return;
  request.isLogged = true;
  const { server, principal, user } = request;
  server.httpLog[status < 500 ? 'info' : 'warn']('http.request', {
    requestId: request.id,
    method: request.method,
    route: request.routeOptions.url ?? 'unknown',
    status,
    durationMs: Math.round(durationMs),
    tenantId: principal?.tenantId,
    principalId: principal?.id ?? user?.userId,
    code: request.refusalCode,
    remoteHost: request.ip,
  });
}
