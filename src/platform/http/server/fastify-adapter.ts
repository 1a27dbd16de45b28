import cookie from '@fastify/cookie';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Server } from 'node:http';
import type {
  FastifyError,
  FastifyHttpOptions,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
} from 'fastify';
import type { Log } from '../../logging';
import { readBodies } from '../body/content-parsers';
import { boundBody } from '../body/route-body';
import { sendProblem } from '../problem/send-problem';
import { parseQuery } from '../query/strict-query';
import { setAnswerHeaders } from './answer-headers';
import { answerClientError } from './client-errors';
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from './limits';
import { addRequestHooks, closeConnectionsAtStop, logRequest } from './request-hooks';
import { requestIdOf } from './request-id';
import { RouteTable } from './route-table';

/**
 * How often Node looks for requests that take too long, at least: its default of 30 s would triple the header
 * timeout.
 */
const TIMEOUTS_CHECKED_EVERY_MS = 5_000;
const PARAMETER_LENGTH_MAX = 200;

/** Fastify with our bounds, our bodies and our refusals, before Nest adds its own. */
class StrictFastifyAdapter extends FastifyAdapter {
  constructor(
    private readonly limits: HttpLimits,
    log: Log,
  ) {
    super(serverOptions(limits));
    const server = this.getInstance<FastifyInstance>();
    const routes = new RouteTable();
    server.decorate('httpLog', log);
    server.decorate('routeTable', routes);
    server.addHook('onRoute', (route) => {
      routes.add(route.url, route.method);
      boundBody(route, limits.bodyLimitBytes);
    });
    void server.register(cookie);
    addRequestHooks(server, limits.urlLengthMax);
    closeConnectionsAtStop(server);
  }

  /** Called by Nest to add parsers of JSON and forms; ours take their place. */
  override registerParserMiddleware(): void {
    readBodies(this.getInstance<FastifyInstance>(), this.limits.bodyLimitBytes);
  }

  /** Nest would turn errors of Fastify into its own; the filter reads them as they are. */
  override mapException(error: unknown): unknown {
    return error;
  }
}

export function fastifyAdapter(log: Log, limits: Partial<HttpLimits> = {}): FastifyAdapter {
  return new StrictFastifyAdapter({ ...DEFAULT_HTTP_LIMITS, ...limits }, log);
}

function serverOptions(limits: HttpLimits): FastifyHttpOptions<Server> {
  return {
    logger: false,
    bodyLimit: limits.bodyLimitBytes,
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: limits.connectionTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    http: {
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: Math.min(TIMEOUTS_CHECKED_EVERY_MS, limits.headersTimeoutMs),
    },
    genReqId: requestIdOf,
    requestIdHeader: false,
    // Answered by our own readiness instead: this one is not a problem+json.
    return503OnClosing: false,
    trustProxy: trusted(limits.trustedProxies),
    routerOptions: { querystringParser: parseQuery, maxParamLength: PARAMETER_LENGTH_MAX },
    clientErrorHandler: answerClientError,
    frameworkErrors: refuseBeforeHooks,
  };
}

/** A count trusts that many hops back from us; the address before them is the caller's. */
function trusted(proxies: HttpLimits['trustedProxies']): FastifyHttpOptions<Server>['trustProxy'] {
  if (typeof proxies === 'number') return (_address, hop) => hop < proxies;
  return proxies && [...proxies];
}

/** The router refuses a broken address before any hook runs, so what the hooks would do is done here. */
function refuseBeforeHooks(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  setAnswerHeaders(request, reply);
  sendProblem(error, request, reply);
  logRequest(request, reply.statusCode, reply.elapsedTime);
}
