import { getSchemaPath, type OpenAPIObject } from '@nestjs/swagger';
import { takeProblems } from '../problem/api-problems';
import { PROBLEM_JSON, titleOf } from '../problem/problem';
import { ProblemDto } from '../problem/problem.dto';
import { standardProblem } from '../problem/standard-problems';
import { operationIdOf } from './operation-id';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & Record<string, unknown>;
type Response = NonNullable<Operation['responses'][string]>;
const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
const seconds = (description: string) => ({ description, schema: { type: 'integer' as const, example: 1 } });
const RATE_LIMITED = {
  'Retry-After': seconds('Seconds until the next request may pass'),
  'RateLimit-Limit': seconds('Requests that may come at once; on other answers too'),
  'RateLimit-Remaining': seconds('What is left of them'),
  'RateLimit-Reset': seconds('Seconds until all of them may come at once again'),
};
const UNAVAILABLE = { 'Retry-After': seconds('Seconds until it is worth asking again') };
const SCHEMA = { $ref: getSchemaPath(ProblemDto) };

/** What is true of every route is written once, here, instead of on each of them. */
export function completeDocument(document: OpenAPIObject): OpenAPIObject {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method] as Operation | undefined;
      if (!operation) continue;
      operation.operationId ||= operationIdOf(method, path, isPage(operation));
      complete(operation, path);
    }
  }
  return document;
}

/** As ApiPage documents it. */
function isPage({ responses }: Operation): boolean {
  return /"results":\{"type":"array"/.test(JSON.stringify(responses['200'] ?? null));
}

function complete(operation: Operation, path: string): void {
  for (const [status, codes] of takeProblems(operation))
    operation.responses[status] = problemResponse(status, codes, path);
  if (operation['x-public'] !== true)
    operation.responses['429'] ??= { ...problemResponse(429, ['rate_limited'], path), headers: RATE_LIMITED };
  operation.responses.default ??= {
    description: 'Any other refusal.',
    content: { [PROBLEM_JSON]: { schema: SCHEMA } },
  };
  const created = operation.responses['201'];
  if (operation['x-idempotent'] === true && created) operation.responses['200'] ??= replayOf(created);
}

function problemResponse(status: number, codes: readonly string[], path: string): Response {
  const examples = Object.fromEntries(codes.map((code) => [code, { value: exampleOf(status, code, path) }]));
  const headers = status === 503 ? { headers: UNAVAILABLE } : {};
  return {
    description: codes.map((code) => `\`${code}\``).join(', '),
    ...headers,
    content: { [PROBLEM_JSON]: { schema: SCHEMA, examples } },
  };
}

function exampleOf(status: number, code: string, path: string): Record<string, unknown> {
  const known = standardProblem(status);
  return {
    type: `urn:disburse:problem:${code}`,
    title: titleOf(code),
    status,
    detail: known.code === code ? known.detail : `${titleOf(code)}.`,
    instance: path,
    code,
    request_id: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10',
  };
}

function replayOf(created: Response): Response {
  if ('$ref' in created) return created;
  const headers = {
    ...created.headers,
    'Idempotent-Replayed': { schema: { type: 'string' as const, enum: ['true'] } },
  };
  return { ...created, description: 'A repeat: the first body again.', headers };
}
