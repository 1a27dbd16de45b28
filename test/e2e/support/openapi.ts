export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly example?: unknown;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema?: Schema;
}

interface OperationObject {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
  readonly 'x-public'?: boolean;
  readonly 'x-without-tenant'?: boolean;
  readonly 'x-scopes'?: readonly string[];
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly spec: OperationObject;
  readonly body: Schema | null;
  readonly pathParameters: readonly string[];
}

export async function readDocument(url: string): Promise<Document> {
  return (await (await fetch(`${url}/docs-json`)).json()) as Document;
}

export function operationsOf(document: Document): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, spec]) => ({
      method: method.toUpperCase(),
      path,
      spec,
      body: spec.requestBody?.content['application/json']?.schema ?? null,
      pathParameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string),
    })),
  );
}

export function resolved(document: Document, schema: Schema): Schema {
  if (schema.$ref)
    return resolved(document, document.components.schemas[schema.$ref.split('/').pop() as string] as Schema);
  if (schema.allOf)
    return Object.assign({}, ...schema.allOf.map((part) => resolved(document, part))) as Schema;
  const [first] = schema.oneOf ?? schema.anyOf ?? [];
  return first ? resolved(document, first) : schema;
}

/** A valid body, from the examples of the document. */
export function sampleOf(document: Document, given: Schema): unknown {
  const schema = resolved(document, given);
  if (schema.example !== undefined) return schema.example;
  if (schema.enum) return schema.enum[0];
  if (schema.properties)
    return Object.fromEntries(
      Object.entries(schema.properties).map(([name, property]) => [name, sampleOf(document, property)]),
    );
  const type = Array.isArray(schema.type) ? (schema.type[0] as string) : schema.type;
  if (type === 'array') return schema.items ? [sampleOf(document, schema.items)] : [];
  if (type === 'number' || type === 'integer') return 1;
  if (type === 'boolean') return true;
  if (schema.format === 'uuid') return '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10';
  return type === 'object' ? {} : 'text';
}

/** The path with its parameters filled in. */
export function filled(operation: Operation, value: (name: string) => string): string {
  return operation.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(value(name)));
}
