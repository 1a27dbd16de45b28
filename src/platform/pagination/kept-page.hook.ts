import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../../kernel/principal';
import { Authenticator } from '../access';
import { RequestLimits } from '../rate-limit';
import { pageBytes } from './cached-list.interceptor';
import { ListResponseCache } from './list-response-cache';
import { PassedCallers } from './passed-callers';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The list of which pages are kept, on a route that has them. */
    keptPage?: string;
  }
}

/**
 * The short way to a kept page. Who came with this key a moment ago, and was let in to this very address by
 * all guards and checks then, is let in again for as long as the answer about the key stands
 * (`PRINCIPAL_CACHE_TTL_MS`); only limits are asked again. Whatever is not so, whoever is not known, and whatever could
 * be refused goes the long way, which alone refuses.
 */
@Injectable()
export class KeptPageHook implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly authenticator: Authenticator,
    private readonly limits: RequestLimits,
    private readonly pages: ListResponseCache,
    private readonly passed: PassedCallers,
  ) {}

  onModuleInit(): void {
    this.host.httpAdapter.getInstance<FastifyInstance>().addHook('onRequest', (request, reply, done) => {
      const list = request.routeOptions.config.keptPage;
      const principal = list === undefined ? null : this.whoPassed(request);
      if (list === undefined || !principal) return done();
      this.isAnswered(request, reply, principal, list).then((answered) => void (answered || done()), done);
    });
  }

  private whoPassed({ method, headers, url }: FastifyRequest): Principal | null {
    const { 'x-api-key': apiKey, 'x-tenant-id': tenantId, authorization, cookie } = headers;
    if (
      method !== 'GET' ||
      typeof apiKey !== 'string' ||
      tenantId !== undefined ||
      authorization !== undefined ||
      cookie !== undefined
    )
      return null;
    // A body that has no place here is for the long way to judge.
    if (
      headers['content-length'] !== undefined ||
      headers['transfer-encoding'] !== undefined ||
      headers['content-type'] !== undefined
    )
      return null;
    const principal = this.authenticator.known(apiKey);
    return principal && this.passed.has(principal, url) ? principal : null;
  }

  private async isAnswered(
    request: FastifyRequest,
    reply: FastifyReply,
    principal: Principal,
    list: string,
  ): Promise<boolean> {
    const version = await this.pages.version(list, principal.tenantId);
    const page = version === null ? null : this.pages.find(version, request.url);
    if (!page || !this.limits.admitNow(reply, principal)) return false;
    request.principal = principal;
    this.authenticator.used(principal);
    void reply.send(pageBytes(reply, page));
    return true;
  }
}
