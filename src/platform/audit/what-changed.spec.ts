import { whatChanged } from './what-changed';

describe('what changed', () => {
  it('is what differs, on both sides', () => {
    expect(
      whatChanged(
        { name: 'Ann', tags: ['a'], gone: null },
        { name: 'Anna', tags: ['a'], gone: null, more: { x: 1 } },
      ),
    ).toEqual({
      before: { name: 'Ann', more: null },
      after: { name: 'Anna', more: { x: 1 } },
    });
  });

  it('may be nothing', () => expect(whatChanged({ a: [1] }, { a: [1] })).toEqual({ before: {}, after: {} }));
});
