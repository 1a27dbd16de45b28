import type { OpenAPIObject } from '@nestjs/swagger';

type Node = Record<string, unknown>;

/**
 * The decorators speak OpenAPI 3.0, whose `nullable` says nothing beside `$ref`, `allOf` or `enum`: a
 * generated client would refuse our nulls. Version 3.1 is JSON Schema: null is a type like any other.
 */
export function withNullTypes(document: OpenAPIObject): OpenAPIObject {
  return { ...(converted(document) as unknown as OpenAPIObject), openapi: '3.1.0' };
}

function converted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(converted);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, ...node } = value as Node;
  const inner = Object.fromEntries(
    Object.entries(node).map(([key, part]) => [
      key,
      key === 'example' || key === 'examples' ? part : converted(part),
    ]),
  );
  return nullable === true ? orNull(inner) : inner;
}

function orNull(schema: Node): Node {
  const { description, example, ...rest } = schema;
  const notes = {
    ...(description === undefined ? {} : { description }),
    ...(example === undefined ? {} : { example }),
  };
  if (typeof rest['type'] === 'string' && !rest['enum'] && !rest['allOf'])
    return { ...schema, type: [rest['type'], 'null'] };
  return { ...notes, anyOf: [rest, { type: 'null' }] };
}
