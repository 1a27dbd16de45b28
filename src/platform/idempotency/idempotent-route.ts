import {
  applyDecorators,
  createParamDecorator,
  Injectable,
  SetMetadata,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExtension, ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { catchError, from, map, type Observable } from 'rxjs';
import { principalOf } from '../access';
import { takesStream, ApiProblems } from '../http';
import { IdempotentResponse } from './response';
import { keyMissing } from './errors';
import { isKeyInBody, type KeyConfig, keyOf } from './key';
import { StoredResponses } from './stored-responses';

const REQUIRED = 'http:idempotency-required';

/**
 * Returns the stored response of a repeat even when the request is rejected. It is looked up only then: a valid
 * request finds it in `Idempotency.execute`, so that a first request pays no round trip for repeats.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly stored: StoredResponses,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const required = this.reflector.get<boolean>(REQUIRED, context.getHandler());
    // A field without a valid key is rejected by the checks of the body, with its name.
    if (required && keyOf(request) === null && !isKeyInBody(request)) throw keyMissing();
    return next.handle().pipe(
      catchError((error: unknown) => from(this.replayOr(request, error))),
      map((result: unknown) => (result instanceof IdempotentResponse ? send(reply, result) : result)),
    );
  }

  private async replayOr(request: FastifyRequest, error: unknown): Promise<IdempotentResponse> {
    if (this.stored.wasExecuted(request) || takesStream(request) || !request.principal) throw error;
    const repeated = await this.stored.replayOf(request, principalOf(request));
    if (!repeated) throw error;
    return repeated;
  }
}

/**
 * For a route without a tenant, in which no response can be stored: the handler recognizes a repeat by the key.
 */
export const IdempotencyKey = createParamDecorator<unknown, string>((_data, context: ExecutionContext) => {
  const key = keyOf(context.switchToHttp().getRequest<FastifyRequest>());
  if (key === null) throw keyMissing();
  return key;
});

function send(reply: FastifyReply, response: IdempotentResponse): Buffer {
  void reply.code(response.status).header('content-type', 'application/json; charset=utf-8');
  if (response.location) void reply.header('location', response.location);
  if (response.replayed) void reply.header('idempotent-replayed', 'true');
  return response.bytes;
}

interface RouteOptions {
  /** If false, a request without a key is accepted. */
  readonly required?: boolean;
  /**
   * A field of the body that can hold the key instead of the header. The checks of the body must reject an
   * invalid key.
   */
  readonly field?: string;
}

/** For a POST whose handler returns the result of `Idempotency.execute`. */
export function IdempotentRoute({ required = true, field }: RouteOptions = {}): MethodDecorator {
  return applyDecorators(
    SetMetadata(REQUIRED, required),
    ...(field ? [RouteConfig({ idempotencyField: field } satisfies KeyConfig)] : []),
    UseInterceptors(IdempotencyInterceptor),
    ApiExtension('x-idempotent', true),
    ApiHeader({
      name: 'Idempotency-Key',
      required: required && !field,
      description:
        'A new one for every new request, the same one to repeat it. ' +
        'A repeat returns the first body with `Idempotent-Replayed: true`.',
      schema: {
        type: 'string',
        minLength: 8,
        maxLength: 255,
        pattern: '^[\\x21-\\x7e]+$',
        example: 'contest-2041-settlement-1',
      },
    }),
    ApiProblems(
      required
        ? [400, 'idempotency_key_missing', 'idempotency_key_invalid']
        : [400, 'idempotency_key_invalid'],
      [409, 'idempotency_key_in_use'],
      [422, 'validation_failed', 'idempotency_key_reused'],
    ),
  );
}
