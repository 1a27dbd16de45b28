import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { principalOf } from './principal';

/** Who did something, and through which request: what the audit trail keeps of a caller. */
export interface Actor {
  /** `system` is the installation itself: its schedules and its command line. */
  readonly kind: 'api_key' | 'user' | 'system';
  readonly id: string | null;
  readonly name: string;
  readonly requestId: string | null;
  readonly address: string | null;
}

export const CurrentActor = createParamDecorator<unknown, Actor>((_data, context: ExecutionContext) =>
  callingActor(context.switchToHttp().getRequest<FastifyRequest>()),
);

export function callingActor(request: FastifyRequest): Actor {
  const through = { requestId: request.id, address: request.ip };
  if (request.person) return { kind: 'user', id: request.person.userId, name: request.person.name, ...through };
  const { kind, id, name } = principalOf(request);
  return { kind, id, name, ...through };
}

/** For what no request asked for. */
export function systemActor(name: string): Actor {
  return { kind: 'system', id: null, name, requestId: null, address: null };
}
