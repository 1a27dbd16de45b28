import fc from 'fast-check';
import { HttpProblem } from '../problem/http-problem';
import { parseJson } from './parse-json';
import { DEPTH_MAX, ENTRIES_MAX, FIELDS_MAX } from './scan-json';

const parse = (text: string): unknown => parseJson(Buffer.from(text));
const fields = (count: number): string =>
  `{${Array.from({ length: count }, (_, i) => `"k${i}":[]`).join(',')}}`;
const entries = (count: number): string => `[${Array(count).fill('{}').join(',')}]`;
const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

function refusal(text: string): HttpProblem {
  try {
    parse(text);
  } catch (error) {
    return error as HttpProblem;
  }
  throw new Error('was not refused');
}

/** Names that every object has: refused, and so not part of what must come through. */
const REFUSED_NAMES = new RegExp(
  `"(${[...Object.getOwnPropertyNames(Object.prototype), 'prototype'].join('|')})":`,
  'g',
);

describe('a strictly read JSON text', () => {
  it('means what JSON.parse says, for any value of plain text', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((s) => !/[\u0000-\u001f]/.test(s));
    const name = text.map((s) => `k${s}`);
    fc.assert(
      fc.property(
        fc.jsonValue({ stringUnit: 'grapheme' }),
        fc.dictionary(name, text),
        fc.constantFrom(0, 1, 2),
        (value, record, space) => {
          const whole = {
            record,
            list: [text, record],
            value: JSON.parse(JSON.stringify(value).replace(/\\u00[01]./g, '')) as unknown,
          };
          const written = JSON.stringify(whole, null, space).replace(REFUSED_NAMES, '"k":');
          let expected: unknown;
          try {
            expected = JSON.parse(written);
            expect(parse(written)).toEqual(expected);
          } catch (error) {
            // Replacing names above may have doubled one.
            expect((error as HttpProblem).code).toBe('duplicate_field');
          }
        },
      ),
    );
  });

  it.each([
    '{"a":"\\"","b":"}"}',
    '{"a":"\\\\","b":"{[,"}',
    ' [ "," , "\\u0041" , {} , [] ] ',
    '"text"',
    '-1.5e3',
    'null',
    '{"":1}',
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}',
  ])('with tricky quotes and commas is read: %s', (text) => expect(parse(text)).toEqual(JSON.parse(text)));

  it(`may be ${DEPTH_MAX} levels deep and no deeper`, () => {
    expect(parse(nested(DEPTH_MAX))).toEqual(JSON.parse(nested(DEPTH_MAX)));
    expect(refusal(nested(DEPTH_MAX + 1))).toMatchObject({ status: 400, code: 'body_too_deep' });
    expect(refusal(nested(400_000))).toMatchObject({ status: 400, code: 'body_too_deep' });
  });

  it('of brackets inside texts is not deep', () => expect(parse(`["${'['.repeat(100)}"]`)).toHaveLength(1));

  it(`may hold objects of ${FIELDS_MAX} fields and lists of ${ENTRIES_MAX} entries, and no wider ones`, () => {
    const most = `{"a":${fields(FIELDS_MAX)},"b":${fields(FIELDS_MAX)},"c":[${entries(ENTRIES_MAX)}]}`;
    expect(parse(most)).toEqual(JSON.parse(most));
    expect(refusal(fields(FIELDS_MAX + 1))).toMatchObject({
      status: 400,
      code: 'body_too_wide',
      message: 'An object may have 200 fields at most; the body has more.',
    });
    expect(refusal(entries(ENTRIES_MAX + 1))).toMatchObject({
      status: 400,
      code: 'body_too_wide',
      message: 'A list may have 10000 entries at most; the body has more.',
    });
    expect(refusal(`{"a":[0,{"b":${fields(80_000)}}]}`)).toMatchObject({
      code: 'body_too_wide',
      message: 'An object may have 200 fields at most; a[1].b has more.',
    });
    expect(refusal(`{"a":[[],${entries(80_000)}]}`)).toMatchObject({
      code: 'body_too_wide',
      message: 'A list may have 10000 entries at most; a[1] has more.',
    });
  });

  it('of commas and names inside texts is not wide', () =>
    expect(parse(`["${','.repeat(ENTRIES_MAX)}"]`)).toHaveLength(1));

  it('names the path of what it refuses', () => {
    expect(refusal('{"a":[1,{"b":["x","\\u0000"]}]}').errors).toEqual({
      'a[1].b[1]': [expect.stringContaining('a[1].b[1] must not contain')],
    });
    expect(refusal('{"a":[{"c":1},{"b":1,"b":2}]}').message).toBe('The field a[1].b is given twice.');
    expect(refusal('{"a":{"__proto__":1}}').errors).toEqual({
      'a.__proto__': ['a.__proto__ is not a field'],
    });
  });

  it.each(['\\ud83d', '\\ude00', '\\ude00\\ud83d', 'a\\ud83db', '\\u0000', '\\b', '\\f', '\\u001f'])(
    'is refused for %s, which PostgreSQL cannot hold or nobody can read',
    (escape) => {
      expect(refusal(`{"a":"${escape}"}`)).toMatchObject({ status: 422, code: 'validation_failed' });
    },
  );

  it.each(['\\ud83d\\ude00', '😀', '\\n\\r\\t', 'é', '\\u00e9', '\\/'])('is taken for %s', (text) =>
    expect(parse(`"${text}"`)).toBe(JSON.parse(`"${text}"`)),
  );
});
