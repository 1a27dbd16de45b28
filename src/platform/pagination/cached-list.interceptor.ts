import {
  applyDecorators,
  Injectable,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { JSON_TYPE } from './cached-list.hook';
import { ListResponseCache } from './list-response-cache';

/** Stores what the handler of a cached list returns, under the version that CachedListHook read before. */
@Injectable()
export class CachedListInterceptor implements NestInterceptor {
  constructor(private readonly responses: ListResponseCache) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { listVersion, url } = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    if (listVersion === null) return next.handle();
    return next.handle().pipe(
      map((page: unknown) => {
        const bytes = Buffer.from(JSON.stringify(page));
        this.responses.store(listVersion, url, bytes);
        void reply.header('content-type', JSON_TYPE);
        return bytes;
      }),
    );
  }
}

/**
 * A list whose responses are cached under `list`; a write of its content calls `ListResponseCache.invalidate`. The
 * response may depend on the tenant and the address only.
 */
export function CachedList(list: string): MethodDecorator {
  return applyDecorators(RouteConfig({ cachedList: list }), UseInterceptors(CachedListInterceptor));
}
