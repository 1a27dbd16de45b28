import { defineEvent, InvalidEventPayload, oneOf, shaped, text, textOrNull } from './events';

interface Fact {
  readonly id: string;
  readonly reason: string | null;
  readonly status: 'new' | 'done';
  readonly origin: { readonly kind: string };
}

const ThingDone = defineEvent<Fact>('thing.done', {
  id: text,
  reason: textOrNull,
  status: oneOf(['new', 'done']),
  origin: shaped({ kind: text }),
});
const fact: Fact = { id: 'a', reason: null, status: 'done', origin: { kind: 'award' } };

describe('an event type', () => {
  it('makes an event of its wire name and a payload', () => {
    expect(ThingDone.of(fact)).toEqual({ name: 'thing.done', payload: fact });
  });

  it('reads a stored payload of its form, and ignores further fields', () => {
    expect(ThingDone.read(fact)).toEqual(fact);
    expect(ThingDone.read({ ...fact, later: 1 })).toMatchObject(fact);
  });

  it.each([
    ['no object', null],
    ['a field is missing', { ...fact, id: undefined }],
    ['a field has another type', { ...fact, reason: 1 }],
    ['a value is not listed', { ...fact, status: 'lost' }],
    ['a nested field is missing', { ...fact, origin: {} }],
  ])('rejects a stored payload when %s', (_case, payload) => {
    expect(() => ThingDone.read(payload)).toThrow(InvalidEventPayload);
  });
});
