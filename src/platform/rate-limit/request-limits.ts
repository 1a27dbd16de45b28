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
  readonly knocksPerAddress: Limit;
}

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

type What = 'caller' | 'person' | 'tenant' | 'address' | 'door';

/** Which limits a request meets, and what is told of them. */
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

  /** The caller's own limit first, then the tenant's. @throws HttpProblem `rate_limited` */
  async admit(request: FastifyRequest, reply: FastifyReply, principal: Principal): Promise<void> {
    const { tenantId, id } = principal;
    const own = await this.limiter.spend(
      `caller:${tenantId}:${id}`,
      ownLimit(this.options.perCaller, principal),
    );
    if (this.isRefused(request, own)) throw this.refusal(request, 'caller', own);
    const tenant = await this.limiter.spend(`tenant:${tenantId}`, this.options.perTenant);
    if (this.isRefused(request, tenant)) throw this.refusal(request, 'tenant', tenant);
    void reply.headers(headersOf(tightest([own, tenant])));
  }

  /** As `admit`, if that can be told without asking anybody. False says nothing, and spends nothing. */
  admitNow(reply: FastifyReply, principal: Principal): boolean {
    const { tenantId, id } = principal;
    const verdicts = this.limiter.spendNow([
      [`caller:${tenantId}:${id}`, ownLimit(this.options.perCaller, principal)],
      [`tenant:${tenantId}`, this.options.perTenant],
    ]);
    if (verdicts) void reply.headers(headersOf(tightest(verdicts)));
    return verdicts !== null;
  }

  /** A person outside of any tenant, whatever they came in with. @throws HttpProblem `rate_limited` */
  async admitPerson(
    request: FastifyRequest,
    reply: FastifyReply,
    { userId }: AuthenticatedUser,
  ): Promise<void> {
    const own = await this.limiter.spend(`person:${userId}`, this.options.perCaller);
    if (this.isRefused(request, own)) throw this.refusal(request, 'person', own);
    void reply.headers(headersOf(own));
  }

  /**
   * Of whom nothing but the address is known; without the shared server by this process's share. @throws
   * HttpProblem `rate_limited`
   */
  async admitStranger(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const own = await this.limiter.spend(`door:${networkOf(request.ip)}`, this.options.knocksPerAddress);
    if (!own.allowed) throw this.refusal(request, 'door', own);
    void reply.headers(headersOf(own));
  }

  /**
   * After an answer of 401. Whoever brings valid credentials is never refused for what others tried from the
   * same address: behind one proxy that would shut out everybody.
   */
  async afterFailure(request: FastifyRequest): Promise<HttpProblem | null> {
    const verdict = await this.limiter.spend(
      `failures:${networkOf(request.ip)}`,
      this.options.failuresPerAddress,
    );
    return verdict.allowed ? null : this.refusal(request, 'address', verdict);
  }

  /**
   * Alone, without the shared server, this process takes its share of the writes, and lets every read pass.
   */
  private isRefused(request: FastifyRequest, verdict: Verdict): boolean {
    return !verdict.allowed && (verdict.shared || !READS.has(request.method));
  }

  private refusal(request: FastifyRequest, limit: What, verdict: Verdict): HttpProblem {
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
