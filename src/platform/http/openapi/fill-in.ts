import type { OpenAPIObject } from '@nestjs/swagger';

type Node = Record<string, unknown>;
interface Parameter {
  readonly in: string;
  readonly required?: boolean;
  description?: string;
  /** Of a query: one text or number. */
  schema?: { example?: string | number; default?: unknown };
}

/** Without them Swagger UI makes up an id of another kind and the time of the visit. */
const EXAMPLES: Readonly<Record<string, string>> = {
  uuid: '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10',
  'date-time': '2025-11-21T08:00:00.000Z',
};
const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/**
 * What is true of every value: numbers are whole (money is text), ids and times look alike, filters begin
 * empty.
 */
export function fillIn(document: OpenAPIObject): OpenAPIObject {
  for (const schema of Object.values(document.components?.schemas ?? {})) {
    for (const property of Object.values(('properties' in schema && schema.properties) || {}))
      showExample(property as Node);
  }
  for (const path of Object.values(document.paths)) {
    for (const method of METHODS)
      for (const parameter of path[method]?.parameters ?? []) beginEmpty(parameter as Parameter);
  }
  makeWhole(document);
  return document;
}

function showExample(property: Node): void {
  if (property['type'] === 'string' && typeof property['format'] === 'string')
    property['example'] ??= EXAMPLES[property['format']];
}

/** Swagger UI sends every example it shows: a filter nobody chose would make the first list empty. */
function beginEmpty(parameter: Parameter): void {
  const { schema } = parameter;
  if (
    parameter.in !== 'query' ||
    parameter.required ||
    schema?.example === undefined ||
    schema.default !== undefined
  )
    return;
  parameter.description = [parameter.description, `For example \`${schema.example}\`.`]
    .filter(Boolean)
    .join(' ');
  delete schema.example;
}

function makeWhole(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const node = value as Node;
  if (node['type'] === 'number') node['type'] = 'integer';
  for (const [key, part] of Object.entries(node))
    if (key !== 'example' && key !== 'examples') makeWhole(part);
}
