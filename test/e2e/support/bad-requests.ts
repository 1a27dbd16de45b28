import { type Document, filled, type Operation, sampleOf } from './openapi';
import type { Random } from './random';

export interface BadRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string | null;
  readonly contentType: string;
  /** What is wrong with it: each must be rejected by construction. */
  readonly defect: string;
}

const UNKNOWN_ID = '0198b0f2-7c1e-7b3a-9d55-000000000000';

type Break = (body: Record<string, unknown>, field: string, random: Random) => string;

const WRONG: readonly unknown[] = [
  { $gt: '' },
  [[]],
  1.5,
  -0,
  1e308,
  true,
  null,
  { toString: 'x' },
  [null],
  '\u0000',
  'a\u0000b',
  '​',
  { __proto__x: 1 },
];

const OF_OBJECT_PROTOTYPE = ['toString', 'hasOwnProperty', 'constructor', '__proto__'];

/** Ways to break a body of which one field is chosen. */
const BREAKS: Readonly<Record<string, Break>> = {
  'unknown field': (body, _field, random) => JSON.stringify({ ...body, [`unknown_${random.below(1e6)}`]: 1 }),
  'field of Object.prototype': (body, _field, random) =>
    `${JSON.stringify(body).slice(0, -1)},"${random.pick(OF_OBJECT_PROTOTYPE)}":{"polluted":true}}`,
  'NUL in a text': (body, field) => JSON.stringify({ ...body, [field]: 'a\u0000b' }),
  'lone surrogate': (body, field) => JSON.stringify({ ...body, [field]: '@' }).replace('"@"', '"\\ud800"'),
  'deep nesting': (body, field, random) =>
    JSON.stringify({ ...body, [field]: '@' }).replace(
      '"@"',
      '['.repeat(5_000 + random.below(5)) + ']'.repeat(5_000),
    ),
  'object for a scalar': (body, field) =>
    JSON.stringify({ ...body, [field]: { nested: { deeper: [1, 2, 3] } } }),
  'wrong type': (body, field, random) => JSON.stringify({ ...body, unknown: 1, [field]: random.pick(WRONG) }),
  'text of 100,000 characters': (body, field, random) =>
    JSON.stringify({
      ...body,
      unknown: 1,
      [field]: String.fromCharCode(65 + random.below(26)).repeat(100_000),
    }),
  'cut JSON': (body, _field, random) => JSON.stringify(body).slice(0, -1 - random.below(3)),
  'a list for the body': (body) => JSON.stringify([body]),
  'a scalar for the body': (_body, _field, random) => random.pick(['1', '"text"', 'null', 'true', '']),
  'a key twice': (body, field) => `{"${field}":1,${JSON.stringify(body).slice(1)}`,
  'other notation': (_body, _field, random) =>
    random.pick(['<a/>', 'a=1&b=2', '{a:1}', "{'a':1}", '\u0000', '{"a":NaN}', '{"a":01}']),
};

/** Every request differs from a valid one in a way that must be rejected. */
export function badRequest(document: Document, operation: Operation, random: Random): BadRequest {
  const validPath = filled(operation, () => UNKNOWN_ID);
  const contentType = 'application/json';
  const { method } = operation;
  if (operation.body && random.below(10) < 8) {
    const sample = sampleOf(document, operation.body) as Record<string, unknown>;
    const field = random.pick(Object.keys(sample).length ? Object.keys(sample) : ['x']);
    const defect = random.pick(Object.keys(BREAKS));
    return {
      method,
      path: validPath,
      body: (BREAKS[defect] as Break)(sample, field, random),
      contentType,
      defect: `${defect} (${field})`,
    };
  }
  const body = operation.body ? JSON.stringify(sampleOf(document, operation.body)) : null;
  if (operation.pathParameters.length && random.below(2)) {
    const bad = random.pick([
      'x',
      '1',
      "1' OR '1'='1",
      '%00',
      UNKNOWN_ID,
      UNKNOWN_ID.toUpperCase(),
      'a'.repeat(150),
      '🧨',
      '-1',
      '{id}',
    ]);
    return {
      method,
      path: filled(operation, () => bad),
      body,
      contentType,
      defect: `id ${bad.slice(0, 20)}`,
    };
  }
  const query = random.pick([
    'unknown=1',
    'limit=0',
    'limit=1e2',
    'limit=101&limit=2',
    'cursor=%00',
    'cursor=abc',
    'api_key=dk_x',
    'limit[]=1',
    '__proto__=1',
    '%',
    '%zz=1',
  ]);
  return { method, path: `${validPath}?${query}&unknown=1`, body, contentType, defect: `query ${query}` };
}
