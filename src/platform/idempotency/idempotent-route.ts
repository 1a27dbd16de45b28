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
import { Idempotency } from './idempotency';
import { isKeyInBody, type KeyConfig, keyOf } from './key';

const REQUIRED = 'http:idempotency-required';

/**
 * Answers a repeat before any other refusal. The kept answer is looked up only when validation refuses the
 * request: a valid one meets it in `Idempotency.run`, so that the ordinary first request pays no round trip
 * for repeats.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly idempotency: Idempotency,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const required = this.reflector.get<boolean>(REQUIRED, context.getHandler());
    // A field that holds no key is refused by the checks of the body, with its name.
    if (required && keyOf(request) === null && !isKeyInBody(request)) throw keyMissing();
    return next.handle().pipe(
      catchError((refusal: unknown) => from(this.replayOr(request, refusal))),
      map((answer: unknown) => (answer instanceof IdempotentResponse ? send(reply, answer) : answer)),
    );
  }

  private async replayOr(request: FastifyRequest, refusal: unknown): Promise<IdempotentResponse> {
    if (this.idempotency.wasRun(request) || takesStream(request) || !request.principal) throw refusal;
    const kept = await this.idempotency.replayOf(request, principalOf(request));
    if (!kept) throw refusal;
    return kept;
  }
}

/**
 * For a route of people, who have no tenant in which an answer could be kept: the handler tells a repeat by
 * the key.
 */
export const IdempotencyKey = createParamDecorator<unknown, string>((_data, context: ExecutionContext) => {
  const key = keyOf(context.switchToHttp().getRequest<FastifyRequest>());
  if (key === null) throw keyMissing();
  return key;
});

function send(reply: FastifyReply, answer: IdempotentResponse): Buffer {
  void reply.code(answer.status).header('content-type', 'application/json; charset=utf-8');
  if (answer.location) void reply.header('location', answer.location);
  if (answer.replayed) void reply.header('idempotent-replayed', 'true');
  return answer.bytes;
}

interface RouteOptions {
  /** False lets a request without a key through. */
  readonly required?: boolean;
  /**
   * A field of the body that may carry the key instead of the header. The body's own checks must refuse what
   * is no key.
   */
  readonly field?: string;
}

/** For a POST whose handler answers what `Idempotency.run` gave it. */
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
        'A new one for every new request, the same one to repeat it. A repeat answers the first body with `Idempotent-Replayed: true`.',
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
