import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { ProblemDto } from '../problem/problem.dto';
import { completeDocument } from './complete-document';
import { fillIn } from './fill-in';
import { withNullTypes } from './null-types';

const DESCRIPTION = `
Pays people what they are owed, exactly once, and can prove it.

* **Who calls**: an API key, an access token, or a session cookie, one of them. A key has its tenant; people name theirs in the
  header \`X-Tenant-ID\`, unless they have only one. With the cookie, whatever is not a GET takes the header \`X-CSRF-Token\`.
* **Money** is decimal text with its currency: \`"100.50"\` USD, \`"500"\` JPY.
* **Idempotency**: POSTs that create or move money take the header \`Idempotency-Key\`. A repeat answers the first body
  with \`Idempotent-Replayed: true\`; other content under the same key is refused with 422.
* **Errors** are \`application/problem+json\`; decide by \`code\`, report \`request_id\`. JSON of any route is
  refused with 400 when it is nested too deep (\`body_too_deep\`), or has an object of more than 200 fields or a list of more than
  10,000 entries (\`body_too_wide\`).
* **Lists** come newest first in pages: follow \`next\` and \`previous\` as they are.
`;

/** Swagger UI at /docs, the document at /docs-json and /docs-yaml. */
export function setupSwagger(app: NestFastifyApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'docs-json',
    yamlDocumentUrl: 'docs-yaml',
    customSiteTitle: 'Disburse API',
    swaggerOptions: { persistAuthorization: false, displayRequestDuration: true },
  });
}

export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Disburse')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'A key of your tenant: `dk_…`' },
      'api_key',
    )
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'From `POST /auth/token`' },
      'access_token',
    )
    .addCookieAuth(
      'disburse_session',
      {
        type: 'apiKey',
        in: 'cookie',
        description: 'From `POST /auth/login`; over TLS it is named `__Host-disburse_session`',
      },
      'session',
    )
    .addSecurityRequirements('api_key')
    .addSecurityRequirements('access_token')
    .addSecurityRequirements('session')
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    extraModels: [ProblemDto],
    // completeDocument names what does not name itself.
    operationIdFactory: () => '',
  });
  return withNullTypes(fillIn(completeDocument(document)));
}
