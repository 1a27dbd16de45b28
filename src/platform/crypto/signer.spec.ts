import { equalInConstantTime, Signer } from '.';

describe('a signed text', () => {
  const signer = new Signer('a secret of thirty-two characters');

  it('is known again, and only for the purpose it was signed for', () => {
    const signature = signer.sign('cursor', 'tenant:page');
    expect(signer.verify('cursor', 'tenant:page', signature)).toBe(true);
    expect(signer.verify('link', 'tenant:page', signature)).toBe(false);
    expect(signer.verify('cursor', 'tenant:pagf', signature)).toBe(false);
    expect(new Signer('another secret of thirty-two chars').verify('cursor', 'tenant:page', signature)).toBe(
      false,
    );
  });

  it('is refused without a throw when the signature has another length', () => {
    for (const signature of ['', 'x', 'y'.repeat(10_000)])
      expect(signer.verify('cursor', 'text', signature)).toBe(false);
  });

  it('compares whole texts', () => {
    expect(equalInConstantTime('same', 'same')).toBe(true);
    expect(equalInConstantTime('same', 'samf')).toBe(false);
    expect(equalInConstantTime('same', 'same ')).toBe(false);
  });
});
