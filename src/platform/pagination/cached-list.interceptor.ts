import {
  applyDecorators,
  Injectable,
  SetMetadata,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable, of } from 'rxjs';
import type { Principal } from '../../kernel/principal';
import { principalOf } from '../access';
import { ListResponseCache } from './list-response-cache';
import { PassedCallers } from './passed-callers';

const LIST = 'http:kept-page';

/**
 * Answers a page that was answered before, after the guards and before everything else: what is kept passed
 * the checks of its address.
 */
@Injectable()
export class KeptPageInterceptor implements NestInterceptor {
  constructor(
    private readonly pages: ListResponseCache,
    private readonly passed: PassedCallers,
    private readonly reflector: Reflector,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const principal = principalOf(request);
    const version = await this.pages.version(
      this.reflector.get<string>(LIST, context.getHandler()),
      principal.tenantId,
    );
    if (version === null) return next.handle();
    const known = this.pages.find(version, request.url);
    if (known) return of(this.passing(principal, request, reply, known));
    return next.handle().pipe(
      map((page: unknown) => {
        const bytes = Buffer.from(JSON.stringify(page));
        this.pages.store(version, request.url, bytes);
        return this.passing(principal, request, reply, bytes);
      }),
    );
  }

  private passing(principal: Principal, { url }: FastifyRequest, reply: FastifyReply, page: Buffer): Buffer {
    this.passed.note(principal, url);
    return pageBytes(reply, page);
  }
}

/** What is to be sent, once its headers are set. */
export function pageBytes(reply: FastifyReply, bytes: Buffer): Buffer {
  void reply.header('content-type', 'application/json; charset=utf-8');
  return bytes;
}

/**
 * For a list that is kept under `list`; whoever writes what is in it calls `KeptPages.outdate`. The answer
 * may depend on the tenant and the address only.
 */
export function CachedList(list: string): MethodDecorator {
  return applyDecorators(
    SetMetadata(LIST, list),
    RouteConfig({ keptPage: list }),
    UseInterceptors(KeptPageInterceptor),
  );
}
