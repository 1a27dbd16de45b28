import fc from 'fast-check';
import type { FastifyRequest } from 'fastify';
import { canonical } from '../../kernel/canonical-json';
import { fingerprintOf, streamFingerprint } from './fingerprint';

function request(parts: Record<string, unknown> = {}): FastifyRequest {
  return {
    method: 'POST',
    routeOptions: { url: '/a/:id', config: {} },
    params: { id: '1' },
    query: {},
    body: { a: 1, b: [{ c: 1, d: 2 }] },
    ...parts,
  } as unknown as FastifyRequest;
}

const same = (a: FastifyRequest, b: FastifyRequest): boolean => fingerprintOf(a).equals(fingerprintOf(b));

describe('the fingerprint of a request', () => {
  it('is the same whatever the order of names', () =>
    expect(same(request(), request({ body: { b: [{ d: 2, c: 1 }], a: 1 } }))).toBe(true));

  it.each([
    ['method', { method: 'PUT' }],
    ['route', { routeOptions: { url: '/b/:id', config: {} } }],
    ['parameter', { params: { id: '2' } }],
    ['query', { query: { x: '1' } }],
    ['value', { body: { a: 2, b: [{ c: 1, d: 2 }] } }],
    ['type', { body: { a: '1', b: [{ c: 1, d: 2 }] } }],
    ['order of a list', { body: { a: 1, b: [{ d: 2 }, { c: 1 }] } }],
    ['absence of a body', { body: undefined }],
  ])('is another for another %s', (_what, parts) => expect(same(request(), request(parts))).toBe(false));

  it('of a stream is that of its bytes', () => {
    const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    expect(streamFingerprint(request(), one)).toEqual(streamFingerprint(request({ body: 'unread' }), one));
    expect(streamFingerprint(request(), one)).not.toEqual(streamFingerprint(request(), two));
  });
});

it('canonical text of a value is that of the value with its names in any order', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
      expect(canonical(Object.fromEntries(Object.entries(record).reverse()))).toBe(canonical(record));
    }),
  );
});
