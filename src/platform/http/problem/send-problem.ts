import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerFor, PROBLEM_JSON, problemBody } from './problem';

/** The one way a refusal leaves, whoever refused: a handler, a guard, the router or the parser of bodies. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const answer = answerFor(error);
  if (answer.unforeseen) request.server.httpLog.error('http.failed', { requestId: request.id, error });
  if (reply.sent) return;
  request.refusalCode = answer.code;
  const instance = request.url.split('?', 1)[0] as string;
  // Node would read the rest of a refused upload to its end, however long it is.
  if (request.body instanceof Readable && !request.body.readableEnded)
    void reply.header('connection', 'close');
  void reply
    .code(answer.status)
    .headers(answer.headers)
    .header('content-type', PROBLEM_JSON)
    .send(JSON.stringify(problemBody(answer, instance, request.id)));
}
