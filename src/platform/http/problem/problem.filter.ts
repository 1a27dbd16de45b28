import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerFor } from './problem';
import { HttpProblem } from './http-problem';
import { sendProblem } from './send-problem';
import { standardProblem } from './standard-problems';

/** Everything thrown on the way to an answer comes here, errors of the framework included. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    sendProblem(
      wrongMethod(error, request) ?? error,
      request,
      host.switchToHttp().getResponse<FastifyReply>(),
    );
  }
}

/** The router knows no 405: what it did not find may well exist under another method. */
function wrongMethod(error: unknown, request: FastifyRequest): HttpProblem | null {
  if (!request.is404 || answerFor(error).status !== 404) return null;
  const allow = request.server.routeTable.methodsOf(request.url.split('?', 1)[0] as string);
  if (allow.length === 0) return null;
  const { code, detail } = standardProblem(405);
  return new HttpProblem(405, code, detail, { headers: { allow: allow.join(', ') } });
}
