import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { TokenBucket } from '../cache/cache';
import { Environment } from '../config';
import { answerFor, PROBLEM_JSON, problemBody } from '../http';
import { Log } from '../logging';
import { Metrics } from '../metrics/metrics';
import { Limiter } from './limiter';
import { RequestLimits } from './request-limits';

function requestLimits(bucket: TokenBucket, e: Environment, log: Log, metrics: Metrics): RequestLimits {
  const options = {
    perCaller: { ratePerSecond: e.apiKeyRatePerSecond, burst: e.apiKeyBurst },
    perTenant: { ratePerSecond: e.tenantRatePerSecond, burst: e.tenantBurst },
    failuresPerAddress: { ratePerSecond: e.authFailuresPerMinute / 60, burst: e.authFailuresPerMinute },
    requestsPerAddress: { ratePerSecond: e.authRequestsPerMinute / 60, burst: e.authRequestsPerMinute },
  };
  return new RequestLimits(new Limiter(bucket), options, log, metrics);
}

/** Global, since AccessHook spends from these limits. */
@Global()
@Module({
  providers: [
    { provide: RequestLimits, useFactory: requestLimits, inject: [TokenBucket, Environment, Log, Metrics] },
  ],
  exports: [RequestLimits],
})
export class RateLimitModule implements OnModuleInit {
  constructor(
    private readonly limits: RequestLimits,
    private readonly host: HttpAdapterHost<FastifyAdapter>,
  ) {}

  /** A response of 401, of the hook or of a handler, becomes 429 for an address with too many of them. */
  onModuleInit(): void {
    this.host.httpAdapter
      .getInstance<FastifyInstance>()
      .addHook('onSend', async (request, reply, payload) => {
        if (reply.statusCode !== 401) return payload;
        const refusal = await this.limits.afterFailure(request);
        if (!refusal) return payload;
        request.refusalCode = refusal.code;
        void reply
          .code(429)
          .headers(refusal.headers)
          .header('content-type', PROBLEM_JSON)
          .removeHeader('www-authenticate');
        return JSON.stringify(
          problemBody(answerFor(refusal), request.url.split('?', 1)[0] as string, request.id),
        );
      });
  }
}
