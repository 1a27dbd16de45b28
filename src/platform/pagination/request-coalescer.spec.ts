import { setImmediate as nextTurn } from 'node:timers/promises';
import { RequestCoalescer } from './request-coalescer';

describe('a question that many ask at once', () => {
  it('is put once, after all of them asked', async () => {
    const asking = new RequestCoalescer<number>();
    let now = 1;
    const put = jest.fn(async () => now);
    const first = asking.ask('a', put);
    await Promise.resolve();
    const second = asking.ask('a', put);
    now = 2;
    expect(put).not.toHaveBeenCalled();
    expect(await Promise.all([first, second, asking.ask('b', put)])).toEqual([2, 2, 2]);
    expect(put).toHaveBeenCalledTimes(2);
  });

  it('is put again for whoever comes while it is being answered', async () => {
    const asking = new RequestCoalescer<string>();
    const { promise, resolve } = withResolver();
    const first = asking.ask('a', () => promise);
    await nextTurn();
    const second = asking.ask('a', async () => 'new');
    resolve('old');
    expect(await Promise.all([first, second])).toEqual(['old', 'new']);
  });

  it('that fails fails for those who asked, and for nobody after them', async () => {
    const asking = new RequestCoalescer<string>();
    await expect(asking.ask('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await asking.ask('a', async () => 'back')).toBe('back');
  });
});

function withResolver(): { promise: Promise<string>; resolve: (value: string) => void } {
  let resolve: (value: string) => void = () => undefined;
  const promise = new Promise<string>((settle) => (resolve = settle));
  return { promise, resolve };
}
