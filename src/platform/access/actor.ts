import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../kernel/actor';
import { principalOf } from './request-principal';

export const CurrentActor = createParamDecorator<unknown, Actor>((_data, context: ExecutionContext) =>
  callingActor(context.switchToHttp().getRequest<FastifyRequest>()),
);

export function callingActor(request: FastifyRequest): Actor {
  const through = { requestId: request.id, address: request.ip };
  if (request.user) return { kind: 'user', id: request.user.userId, name: request.user.name, ...through };
  const { kind, id, name } = principalOf(request);
  return { kind, id, name, ...through };
}
