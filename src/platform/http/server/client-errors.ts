import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { newId } from '../../../kernel/ids';
import { PROBLEM_JSON, answerFor, problemBody } from '../problem/problem';

const STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/**
 * What Node refuses before there is a request: written to the socket by hand, because no hook of any
 * framework runs.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) socket.write(rawProblem(STATUS[error.code ?? ''] ?? 400));
  socket.destroy(error);
}

function rawProblem(status: number): string {
  const id = newId();
  const body = JSON.stringify(problemBody(answerFor({ statusCode: status }), '', id));
  const headers = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `content-type: ${PROBLEM_JSON}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${id}`,
    'cache-control: no-store',
    'x-content-type-options: nosniff',
    'connection: close',
  ];
  return `${headers.join('\r\n')}\r\n\r\n${body}`;
}
