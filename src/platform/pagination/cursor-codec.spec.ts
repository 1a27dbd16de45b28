import fc from 'fast-check';
import { CursorCodec } from './cursor-codec';

const codec = new CursorCodec('a secret of thirty-two bytes or more');
const invalid = expect.objectContaining({ status: 400, code: 'invalid_cursor' });

describe('a cursor', () => {
  it('comes back as it was made, under the same binding', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        (binding, position, backwards) => {
          expect(codec.decode(binding, codec.encode(binding, { position, backwards }))).toEqual({
            position,
            backwards,
          });
        },
      ),
    );
  });

  it('is broken under any other binding and any other secret', () => {
    const cursor = { position: ['0198'], backwards: false };
    const text = codec.encode('tenant a', cursor);
    expect(() => codec.decode('tenant b', text)).toThrow(invalid);
    expect(() =>
      new CursorCodec('another secret of thirty-two bytes or so').decode('tenant a', text),
    ).toThrow(invalid);
  });

  it('cannot borrow from its binding', () => {
    const text = codec.encode('ab', { position: ['c'], backwards: false });
    expect(() => codec.decode('a', text)).toThrow(invalid);
  });

  it('is broken by any text that was not made here', () => {
    const known = codec.encode('x', { position: ['1'], backwards: false });
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
        fc.pre(text !== known);
        expect(() => codec.decode('x', text)).toThrow(invalid);
      }),
    );
    for (const text of ['', '=', `${known}=`, `${known} `, known.slice(0, -1), `${known}A`])
      expect(() => codec.decode('x', text)).toThrow(invalid);
  });

  it('needs a secret worth the name', () => expect(() => new CursorCodec('short')).toThrow('32 bytes'));
});
