import { newId, tenantIdOf } from '../../../kernel/ids';
import { Known, KNOWN_FOR_MS } from './known';

const tenant = tenantIdOf(newId());

function clocked() {
  let nowMs = 0;
  return { known: new Known<ReadonlySet<string>>(() => nowMs), pass: (ms: number) => (nowMs += ms) };
}

const reads = (...names: string[]) => jest.fn(async () => new Set(names) as ReadonlySet<string>);

describe('what is known of a tenant', () => {
  it('is read once, and again when it is old', async () => {
    const { known, pass } = clocked();
    const [first, second] = [reads('a'), reads('b')];
    await known.get(tenant, first);
    pass(KNOWN_FOR_MS - 1);
    expect([...(await known.get(tenant, second))]).toEqual(['a']);
    pass(1);
    expect([...(await known.get(tenant, second))]).toEqual(['b']);
    expect([first, second].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  });

  it('is read by each who asks until somebody has the answer: nobody fails with the reading of another', async () => {
    const { known } = clocked();
    const failing = known.get(tenant, () => Promise.reject(new Error('another transaction')));
    const [mine, theirs] = [known.get(tenant, reads('a')), known.get(tenant, reads('a'))];
    await expect(failing).rejects.toThrow('another transaction');
    expect([[...(await mine)], [...(await theirs)]]).toEqual([['a'], ['a']]);
    expect([...(await known.get(tenant, reads('never asked')))]).toEqual(['a']);
  });

  it('that could not be read is an error, and is read again', async () => {
    const { known } = clocked();
    await expect(known.get(tenant, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect([...(await known.get(tenant, reads('a')))]).toEqual(['a']);
  });

  it('is forgotten while it is being read, too: that reading may be older than the change', async () => {
    const { known } = clocked();
    const early = known.get(tenant, reads('before'));
    known.forget(tenant);
    expect([...(await known.get(tenant, reads('after')))]).toEqual(['after']);
    await early;
    expect([...(await known.get(tenant, reads('never asked')))]).toEqual(['after']);
  });
});
