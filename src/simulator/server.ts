import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { ControlRoutes } from './control/routes';
import { Gateway } from './gateway';
import type { Simulation } from './state/simulation';

const BODY_MAX = 16 * 1024 * 1024;

/** Plain node:http: benchmarks run against this server, so it must be as cheap as possible. */
export function createHttpServer(simulation: Simulation): Server {
  const gateway = new Gateway(simulation);
  const control = new ControlRoutes(simulation);
  const server = createServer((request, response) => {
    readBody(request, response, (body) => {
      if (request.url?.startsWith('/_sim') === true) void control.handle(request, response, body);
      else gateway.handle(request, response, body);
    });
  });
  // Closing an idle connection would look to stripe-node like a lost call, which only planned faults may cause.
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
