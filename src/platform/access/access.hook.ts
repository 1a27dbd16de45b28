import { Injectable, type OnModuleInit, Optional } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RequestLimits } from '../rate-limit';
import { Authentication } from './authentication';
import { DeclaredAccess } from './declared-access';
import { FeatureCheck } from './feature';
import { accessOf } from './route-access';

/**
 * The one way in: every request of every route passes these checks, in this order, before anything of Nest runs. The
 * phase is `preValidation`: the body is read and bounded by then, as it was before Nest's guards, and what may be
 * sent instead of the handler's response (a cached list, in `preHandler`) is sent after all checks. An error of a
 * check rejects the request.
 */
@Injectable()
export class AccessHook implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly authentication: Authentication,
    private readonly features: FeatureCheck,
    // Computes the routes' access before this hook may be added.
    _declared: DeclaredAccess,
    // Absent in a program that composes no RateLimitModule.
    @Optional() private readonly limits?: RequestLimits,
  ) {}

  onModuleInit(): void {
    // A command of the command line has no server.
    const adapter = this.host.httpAdapter as FastifyAdapter | undefined;
    const server = adapter?.getInstance<FastifyInstance>();
    server?.addHook('preValidation', async (request, reply) => {
      if (!request.is404) await this.check(request, reply);
    });
  }

  async check(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const access = accessOf(request);
    if (!access) throw new Error(`${request.routeOptions.url} declares no access`);
    await this.authentication.authenticate(request, access);
    if (access.isLimitedPerAddress) await this.limits?.spendForAddress(request, reply);
    await this.limits?.spendForCaller(request, reply);
    if (access.feature !== null) await this.features.assertOn(request, access.feature);
  }
}
