import { redacted } from './redacted';

describe('redacted', () => {
  it('hides what is named like a secret, at any depth, and nothing else', () => {
    expect(
      redacted({
        name: 'Ann',
        password: 'x',
        deep: [{ secret_hash: Buffer.from('x'), account_number: '1', key: 'k', keys_max: 3 }],
        token: null,
        monkey: 1,
      }),
    ).toEqual({
      name: 'Ann',
      password: '[redacted]',
      deep: [{ secret_hash: '[redacted]', account_number: '[redacted]', key: '[redacted]', keys_max: 3 }],
      token: null,
      monkey: 1,
    });
  });
});
