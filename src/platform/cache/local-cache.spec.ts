import { LocalCache, type LocalCacheOptions } from './local-cache';

const TTL_MS = 5_000;

function setup(options: Partial<LocalCacheOptions<string, string>> = {}) {
  const clock = { nowMs: 0 };
  const cache = new LocalCache<string, string>(
    { ttlMs: TTL_MS, maxEntries: 3, ...options },
    () => clock.nowMs,
  );
  return { clock, cache };
}

const reads = (value: string) => jest.fn(async () => value);
const fails = () => Promise.reject(new Error('database unavailable'));

function pending() {
  let finish!: (value: string) => void;
  const read = () => new Promise<string>((resolve) => (finish = resolve));
  return { read, finish: (value: string) => finish(value) };
}

describe('LocalCache', () => {
  it('returns a value until its lifetime ends, and loads it again afterwards', async () => {
    const { clock, cache } = setup();
    const [first, second] = [reads('a'), reads('b')];
    await cache.load('k', first);
    clock.nowMs = TTL_MS - 1;
    expect([cache.get('k'), await cache.load('k', second)]).toEqual(['a', 'a']);
    clock.nowMs = TTL_MS;
    expect([cache.get('k'), await cache.load('k', second)]).toEqual([undefined, 'b']);
    expect([first, second].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  });

  it('counts the lifetime from the moment at which the load began', async () => {
    const { clock, cache } = setup();
    const { read, finish } = pending();
    const loading = cache.load('k', read);
    clock.nowMs = TTL_MS - 1;
    finish('a');
    await loading;
    expect(cache.get('k')).toBe('a');
    clock.nowMs = TTL_MS;
    expect(cache.get('k')).toBeUndefined();
  });

  it.each([0, -1])('returns a value with a lifetime of %i ms and does not store it', async (ttlMs) => {
    const { cache } = setup({ ttlOf: () => ttlMs });
    expect(await cache.load('k', reads('a'))).toBe('a');
    expect(cache.get('k')).toBeUndefined();
  });

  it('takes the lifetime of the value where it has none of its own', () => {
    const { clock, cache } = setup({ ttlMs: undefined, ttlOf: () => 100 });
    clock.nowMs = 1_000;
    cache.set('k', 'a');
    clock.nowMs = 1_099;
    expect(cache.get('k')).toBe('a');
    clock.nowMs = 1_100;
    expect(cache.get('k')).toBeUndefined();
  });

  it('takes the shorter of its own lifetime and that of the value', async () => {
    const { clock, cache } = setup({ ttlOf: (value) => (value === 'short' ? 100 : 1_000_000) });
    cache.set('s', 'short');
    cache.set('l', 'long');
    clock.nowMs = 99;
    expect([cache.get('s'), cache.get('l')]).toEqual(['short', 'long']);
    clock.nowMs = 100;
    expect([cache.get('s'), cache.get('l')]).toEqual([undefined, 'long']);
    clock.nowMs = TTL_MS;
    expect(cache.get('l')).toBeUndefined();
  });

  it('without a lifetime returns a value until it is evicted', () => {
    const clock = { nowMs: 0 };
    const cache = new LocalCache<string, string>({ maxEntries: 1 }, () => clock.nowMs);
    cache.set('a', 'a');
    clock.nowMs = Number.MAX_SAFE_INTEGER;
    expect(cache.get('a')).toBe('a');
    cache.set('b', 'b');
    expect([cache.get('a'), cache.get('b')]).toEqual([undefined, 'b']);
  });

  it('evicts the entry that was used least recently', () => {
    const { cache } = setup();
    for (const key of ['a', 'b', 'c']) cache.set(key, key);
    cache.get('a');
    cache.set('d', 'd');
    expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual(['a', undefined, 'c', 'd']);
  });

  it('holds no more bytes than its bound, and no value that is larger than the bound', () => {
    const cache = new LocalCache<string, string>({
      maxBytes: 10,
      bytesOf: (value, key) => value.length + key.length,
    });
    cache.set('a', '1234');
    cache.set('b', '1234');
    cache.set('a', '12345678901');
    expect([cache.get('a'), cache.get('b'), cache.bytes]).toEqual([undefined, '1234', 5]);
    cache.set('c', '123456');
    expect([cache.get('b'), cache.get('c'), cache.bytes]).toEqual([undefined, '123456', 7]);
  });

  it('loads for each caller of load: a caller does not fail with the transaction of another', async () => {
    const { cache } = setup();
    const failing = cache.load('k', fails);
    const both = [cache.load('k', reads('a')), cache.load('k', reads('a'))];
    await expect(failing).rejects.toThrow('database unavailable');
    expect(await Promise.all(both)).toEqual(['a', 'a']);
    expect(await cache.load('k', reads('never read'))).toBe('a');
  });

  it('loads once for callers of loadShared at the same moment', async () => {
    const { cache } = setup();
    const read = reads('a');
    const many = [1, 2, 3].map(() => cache.loadShared('k', read));
    expect(await Promise.all([...many, cache.loadShared('other', reads('b'))])).toEqual(['a', 'a', 'a', 'b']);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('does not join a load that began longer ago than a value is fresh', async () => {
    const { clock, cache } = setup();
    const { read, finish } = pending();
    const slow = cache.loadShared('k', read);
    clock.nowMs = TTL_MS;
    expect(await cache.loadShared('k', reads('new'))).toBe('new');
    finish('old');
    expect(await slow).toBe('old');
  });

  it('stores no failure, and loads again after one', async () => {
    const { cache } = setup();
    await expect(Promise.all([cache.loadShared('k', fails), cache.loadShared('k', fails)])).rejects.toThrow();
    await expect(cache.load('k', fails)).rejects.toThrow('database unavailable');
    expect(await cache.loadShared('k', reads('a'))).toBe('a');
  });

  it.each<[string, (cache: LocalCache<string, string>) => void]>([
    ['invalidate', (cache) => cache.invalidate('k')],
    ['invalidateWhere', (cache) => cache.invalidateWhere(() => false)],
    ['clear', (cache) => cache.clear()],
  ])('after %s neither stores nor joins a load that began before it', async (_name, change) => {
    const { cache } = setup();
    const [mine, shared] = [pending(), pending()];
    const early = [cache.load('k', mine.read), cache.loadShared('k', shared.read)];
    change(cache);
    expect(await cache.loadShared('k', reads('after'))).toBe('after');
    mine.finish('before');
    shared.finish('before');
    expect(await Promise.all(early)).toEqual(['before', 'before']);
    expect(cache.get('k')).toBe('after');
  });

  it('removes values that match and lets a running load finish', async () => {
    const { cache } = setup();
    for (const key of ['a', 'b', 'c']) cache.set(key, key);
    const { read, finish } = pending();
    const loading = cache.loadShared('new', read);
    cache.removeWhere((value) => value !== 'b');
    finish('new');
    await loading;
    expect(['a', 'b', 'c', 'new'].map((key) => cache.get(key))).toEqual([undefined, 'b', undefined, 'new']);
  });
});
