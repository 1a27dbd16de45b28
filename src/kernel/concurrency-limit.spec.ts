import { ConcurrencyLimit } from './concurrency-limit';

describe('at most two at once', () => {
  it('run, and the next begins when one has ended, however it did', async () => {
    const two = new ConcurrencyLimit(2);
    const begun: string[] = [];
    const ends: Record<string, (error?: Error) => void> = {};
    const work = (name: string) =>
      two.run(() => {
        begun.push(name);
        return new Promise<string>(
          (resolve, reject) => (ends[name] = (error) => (error ? reject(error) : resolve(name))),
        );
      });
    const [a, b, c, d] = [work('a'), work('b'), work('c'), work('d')];
    expect([begun, two.isFull, two.queued]).toEqual([['a', 'b'], true, 2]);
    ends['a']?.(new Error('a failed'));
    await expect(a).rejects.toThrow('a failed');
    expect(begun).toEqual(['a', 'b', 'c']);
    for (const name of ['b', 'c']) ends[name]?.();
    await Promise.all([b, c]);
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    ends['d']?.();
    await d;
    expect(two.isFull).toBe(false);
  });
});
