import { InProcessCache } from './in-process-cache';
import { InProcessTokenBucket } from './in-process-token-bucket';

describe('what a process remembers when it is full', () => {
  it('is what was used last, not what came last', async () => {
    const buckets = new InProcessTokenBucket(1, () => 0);
    const cache = new InProcessCache(() => 0);
    await buckets.take('tried', 1, 0.001, 1);
    await cache.set('known', true, 60_000);
    for (let i = 0; i < 20_000; i++) {
      await buckets.take(`other-${i}`, 1, 0.001, 1);
      await cache.set(`other-${i}`, i, 60_000);
      if (i % 5_000 === 0) {
        expect(await buckets.take('tried', 1, 0.001, 1)).toBe(0);
        expect(await cache.get('known')).toBe(true);
      }
    }
    expect(await buckets.take('tried', 1, 0.001, 1)).toBe(0);
    expect(await cache.get('known')).toBe(true);
  });
});
