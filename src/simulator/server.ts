import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { ControlRoutes } from './control/routes';
import { Gateway } from './gateway';
import type { World } from './state/world';

const BODY_MAX = 16 * 1024 * 1024;

/** Plain node:http: the benchmark measures our code against this, so it must cost as little as it can. */
export function createHttpServer(world: World): Server {
  const gateway = new Gateway(world);
  const control = new ControlRoutes(world);
  const server = createServer((request, response) => {
    readBody(request, response, (body) => {
      if (request.url?.startsWith('/_sim') === true) void control.handle(request, response, body);
      else gateway.handle(request, response, body);
    });
  });
  // An idle connection closed under the caller looks to stripe-node like a lost call; only planned faults may
  // do that.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  server.timeout = 0;
  return server;
}

function readBody(request: IncomingMessage, response: ServerResponse, done: (body: string) => void): void {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => {
    body += chunk;
    if (body.length > BODY_MAX) {
      response.writeHead(413, { Connection: 'close' }).end();
      request.destroy();
    }
  });
  request.on('end', () => done(body));
}
