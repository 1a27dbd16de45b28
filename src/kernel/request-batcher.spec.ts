import { RequestBatcher } from './request-batcher';

interface List {
  readonly items: readonly string[];
  finish(): void;
  fail(error: Error): void;
}

describe('a gathering', () => {
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  let lists: List[];
  const gathering = (limits = { batchesAtOnce: 1, itemsMax: 3 }) => {
    lists = [];
    return new RequestBatcher<string, string>(
      (items) =>
        new Promise((resolve, reject) => {
          const outcome = async (item: string): Promise<string> => {
            if (item === 'bad') throw new Error('bad');
            return `${item} done`;
          };
          lists.push({ items, finish: () => resolve(items.map(outcome)), fail: reject });
        }),
      limits,
    );
  };
  const under = () => lists.map(({ items }) => items);

  it('starts with what came in one turn, and goes on with what came in meanwhile', async () => {
    const g = gathering();
    const first = [g.add('k', 'a'), g.add('k', 'b')];
    await turn();
    const later = ['c', 'd', 'e', 'f'].map((item) => g.add('k', item));
    await turn();
    expect(under()).toEqual([['a', 'b']]);
    lists[0]?.finish();
    await expect(Promise.all(first)).resolves.toEqual(['a done', 'b done']);
    await turn();
    expect(under()).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]);
    lists[1]?.finish();
    await expect(Promise.all(later.slice(0, 3))).resolves.toHaveLength(3);
    await turn();
    lists[2]?.finish();
    await expect(later[3]).resolves.toBe('f done');
  });

  it('has so many lists of a line under way and no more, and lines do not wait for each other', async () => {
    const g = gathering({ batchesAtOnce: 2, itemsMax: 1 });
    const done = [...['a', 'b', 'c'].map((item) => g.add('k', item)), g.add('other', 'z')];
    await turn();
    expect(under()).toEqual([['a'], ['b'], ['z']]);
    lists.forEach((list) => list.finish());
    await Promise.all([done[0], done[1], done[3]]);
    await turn();
    lists[3]?.finish();
    await expect(Promise.all(done)).resolves.toEqual(['a done', 'b done', 'c done', 'z done']);
  });

  it('tells each what became of it, and all of them that their list failed', async () => {
    const g = gathering();
    const some = Promise.allSettled([g.add('k', 'a'), g.add('k', 'bad')]);
    await turn();
    lists[0]?.finish();
    expect((await some).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    const all = Promise.allSettled([g.add('k', 'a'), g.add('k', 'b')]);
    await turn();
    lists[1]?.fail(new Error('the list failed'));
    expect(await all).toEqual(
      [1, 2].map(() => ({ status: 'rejected', reason: new Error('the list failed') })),
    );
    const after = g.add('k', 'c');
    await turn();
    lists[2]?.finish();
    await expect(after).resolves.toBe('c done');
  });

  it('leaves nobody without an answer, whatever its work does', async () => {
    const broken = new RequestBatcher<string, string>(
      (items) => {
        if (items.includes('throws')) throw new Error('at once');
        return Promise.resolve(items.slice(1).map((item) => Promise.resolve(item)));
      },
      { batchesAtOnce: 1, itemsMax: 2 },
    );
    await expect(broken.add('k', 'throws')).rejects.toThrow('at once');
    await expect(Promise.allSettled([broken.add('k', 'a'), broken.add('k', 'b')])).resolves.toMatchObject([
      { value: 'b' },
      { reason: { message: 'no result for item 1 of a batch of 2' } },
    ]);
    await expect(Promise.allSettled([broken.add('k', 'a'), broken.add('k', 'b')])).resolves.toHaveLength(2);
  });

  it('gives its place to the next list while what became of one is on its way', async () => {
    let settle: (done: string) => void = () => undefined;
    const slow = new Promise<string>((resolve) => (settle = resolve));
    const g = new RequestBatcher<string, string>(
      async ([item]) => [item === 'slow' ? slow : Promise.resolve(`${item} done`)],
      { batchesAtOnce: 1, itemsMax: 1 },
    );
    const [first, second] = [g.add('k', 'slow'), g.add('k', 'quick')];
    await expect(second).resolves.toBe('quick done');
    settle('slow done');
    await expect(first).resolves.toBe('slow done');
  });
});
