import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { HttpProblem } from './problem/http-problem';
import { standardProblem } from './problem/standard-problems';
import { setupSwagger } from './openapi/setup-swagger';

/** Outside the API's version: machines of the installation ask these. */
const UNVERSIONED = ['health', 'health/live', 'health/ready', 'metrics'];

export interface HttpOptions {
  /** Swagger UI and the document; production may turn them off. */
  readonly docs?: boolean;
  /** False for a process without the role: it tells its health and its figures, and knows no other route. */
  readonly api?: boolean;
}

/**
 * Everything an application made with `fastifyAdapter()` needs before it listens. Call it once, before
 * `init`.
 */
export function configureHttp(
  app: NestFastifyApplication,
  { docs = true, api = true }: HttpOptions = {},
): void {
  app.setGlobalPrefix('api/v1', { exclude: UNVERSIONED });
  app.enableShutdownHooks();
  if (!api) closeApi(app);
  if (docs && api) setupSwagger(app);
}

/** The routes are there, since every process is the same program; here they answer as if they were not. */
function closeApi(app: NestFastifyApplication): void {
  const { code, detail } = standardProblem(404);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, _reply, done) => {
      done(request.url.startsWith('/api/') ? new HttpProblem(404, code, detail) : undefined);
    });
}
