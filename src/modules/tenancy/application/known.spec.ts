import { newId, tenantIdOf } from '../../../kernel/ids';
import { KNOWN_FOR_MS, KnownSwitches } from './known-switches';

const tenant = tenantIdOf(newId());

function clocked() {
  let nowMs = 0;
  return { known: new KnownSwitches(() => nowMs), pass: (ms: number) => (nowMs += ms) };
}

const reads = (...names: string[]) => jest.fn(async () => new Set(names) as ReadonlySet<string>);

describe('the switches of a tenant', () => {
  it('are read once for many requests, and again when they are old', async () => {
    const { known, pass } = clocked();
    const [first, second] = [reads('a'), reads('b')];
    await Promise.all([known.get(tenant, first), known.get(tenant, first)]);
    pass(KNOWN_FOR_MS - 1);
    expect([...(await known.get(tenant, second))]).toEqual(['a']);
    pass(1);
    expect([...(await known.get(tenant, second))]).toEqual(['b']);
    expect([first, second].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  });

  it('that could not be read are an error, and are read again', async () => {
    const { known } = clocked();
    await expect(known.get(tenant, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect([...(await known.get(tenant, reads('a')))]).toEqual(['a']);
  });

  it('are forgotten while they are being read, too: that reading may be older than the change', async () => {
    const { known } = clocked();
    const early = known.get(tenant, reads('before'));
    known.forget(tenant);
    expect([...(await known.get(tenant, reads('after')))]).toEqual(['after']);
    await early;
    expect([...(await known.get(tenant, reads('never asked')))]).toEqual(['after']);
  });
});
