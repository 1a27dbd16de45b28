import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../../kernel/principal';
import { ListResponseCache } from './list-response-cache';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The list whose responses are cached, on a route that is `@CachedList`. */
    cachedList?: string;
  }
  interface FastifyRequest {
    /** The version of the list from before the handler read it: its response is stored under this one. */
    listVersion: string | null;
  }
}

/**
 * Sends a cached response of a list instead of calling the handler. `preHandler` comes after the phase of AccessHook,
 * so that the caller, its scopes, limits and features were checked; a request without a principal is never served.
 * The checks of the address (parameters, cursor) passed when the response was stored for this same address.
 */
@Injectable()
export class CachedListHook implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly responses: ListResponseCache,
  ) {}

  onModuleInit(): void {
    // A command of the command line has no server.
    const adapter = this.host.httpAdapter as FastifyAdapter | undefined;
    const server = adapter?.getInstance<FastifyInstance>();
    server?.decorateRequest('listVersion', null);
    server?.addHook('preHandler', (request, reply, done) => {
      const list = request.routeOptions.config.cachedList;
      if (list === undefined || !request.principal) return done();
      this.send(request, reply, list, request.principal).then((sent) => void (sent || done()), done);
    });
  }

  private async send(
    request: FastifyRequest,
    reply: FastifyReply,
    list: string,
    { tenantId }: Principal,
  ): Promise<boolean> {
    request.listVersion = await this.responses.version(list, tenantId);
    const stored =
      request.listVersion === null ? null : this.responses.find(request.listVersion, request.url);
    if (!stored) return false;
    void reply.header('content-type', JSON_TYPE).send(stored);
    return true;
  }
}

export const JSON_TYPE = 'application/json; charset=utf-8';
