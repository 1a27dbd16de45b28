import type { Counter } from 'prom-client';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuthenticatedUser, Principal } from '../../kernel/principal';
import { HttpProblem } from '../http';
import type { Log } from '../logging';
import type { Metrics } from '../metrics/metrics';
import type { Limit, Limiter, Verdict } from './limiter';
import { networkOf } from './network-of';

export interface RequestLimitsOptions {
  readonly perCaller: Limit;
  readonly perTenant: Limit;
  readonly failuresPerAddress: Limit;
  readonly requestsPerAddress: Limit;
}

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

type LimitName = 'caller' | 'person' | 'tenant' | 'address' | 'anonymous';

/** The limits that a request spends from. */
export class RequestLimits {
  private readonly throttled: Counter<'limit'>;

  constructor(
    private readonly limiter: Limiter,
    private readonly options: RequestLimitsOptions,
    private readonly log: Log,
    metrics: Metrics,
  ) {
    this.throttled = metrics.counter({
      name: 'disburse_rate_limited_total',
      help: 'Requests refused because a caller, a person without a tenant, a tenant or an address went too fast',
      labels: ['limit'],
    });
  }

  /** The limits of the request's principal or user; a request of a public route has neither. */
  async spendForCaller(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (request.principal) await this.spendForPrincipal(request, reply, request.principal);
    if (request.user) await this.spendForUser(request, reply, request.user);
  }

  /**
   * Of a request of which only the address is known; without the shared server by this process's share. @throws
   * HttpProblem `rate_limited`
   */
  async spendForAddress(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const own = await this.limiter.spend(
      `anonymous:${networkOf(request.ip)}`,
      this.options.requestsPerAddress,
    );
    if (!own.allowed) throw this.rejection(request, 'anonymous', own);
    void reply.headers(headersOf(own));
  }

  /**
   * After a response of 401. Valid credentials are never rejected for the failures of others from the same address:
   * a proxy gives many callers one address.
   */
  async afterFailure(request: FastifyRequest): Promise<HttpProblem | null> {
    const verdict = await this.limiter.spend(
      `failures:${networkOf(request.ip)}`,
      this.options.failuresPerAddress,
    );
    return verdict.allowed ? null : this.rejection(request, 'address', verdict);
  }

  /** The caller's own limit first, then the tenant's. @throws HttpProblem `rate_limited` */
  private async spendForPrincipal(
    request: FastifyRequest,
    reply: FastifyReply,
    principal: Principal,
  ): Promise<void> {
    const { tenantId, id } = principal;
    const own = await this.limiter.spend(
      `caller:${tenantId}:${id}`,
      ownLimit(this.options.perCaller, principal),
    );
    if (this.isRejected(request, own)) throw this.rejection(request, 'caller', own);
    const tenant = await this.limiter.spend(`tenant:${tenantId}`, this.options.perTenant);
    if (this.isRejected(request, tenant)) throw this.rejection(request, 'tenant', tenant);
    void reply.headers(headersOf(tightest([own, tenant])));
  }

  /** A person outside of any tenant, however authenticated. @throws HttpProblem `rate_limited` */
  private async spendForUser(
    request: FastifyRequest,
    reply: FastifyReply,
    { userId }: AuthenticatedUser,
  ): Promise<void> {
    const own = await this.limiter.spend(`person:${userId}`, this.options.perCaller);
    if (this.isRejected(request, own)) throw this.rejection(request, 'person', own);
    void reply.headers(headersOf(own));
  }

  /**
   * Alone, without the shared server, this process takes its share of the writes, and lets every read pass.
   */
  private isRejected(request: FastifyRequest, verdict: Verdict): boolean {
    return !verdict.allowed && (verdict.shared || !READS.has(request.method));
  }

  private rejection(request: FastifyRequest, limit: LimitName, verdict: Verdict): HttpProblem {
    this.throttled.inc({ limit });
    const { principal, user } = request;
    if (verdict.first)
      this.log.warn('http.rate_limited', {
        scope: limit,
        tenantId: principal?.tenantId,
        principalId: principal?.id ?? user?.userId,
        remoteHost: request.ip,
      });
    const headers = { ...headersOf(verdict), 'retry-after': String(seconds(verdict.retryAfterMs)) };
    return new HttpProblem(429, 'rate_limited', 'Too many requests. Wait as long as Retry-After says.', {
      headers,
    });
  }
}

function ownLimit(limit: Limit, { rateLimitPerMinute }: Principal): Limit {
  if (!rateLimitPerMinute) return limit;
  return {
    ratePerSecond: Math.min(limit.ratePerSecond, rateLimitPerMinute / 60),
    burst: Math.min(limit.burst, rateLimitPerMinute),
  };
}

function headersOf({ limit, remaining, resetMs }: Verdict): Record<string, string> {
  return {
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(Math.max(0, remaining)),
    'ratelimit-reset': String(seconds(resetMs)),
  };
}

/** The first of those that leave as little. */
function tightest(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce((least, verdict) => (verdict.remaining < least.remaining ? verdict : least));
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
