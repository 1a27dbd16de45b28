import { accounts, backwards, InvalidPosting, nameOf, transferOf } from './posting';

const recipient = '0198b0f2-7c1e-7b3a-9d55-2f6f0b1c4e10';
const payable = accounts.payable(recipient, 'award', 'USD');
const reserved = accounts.reserved(recipient, 'award', 'USD');

describe('A posting', () => {
  it('moves the whole amount from one account to the other', () => {
    expect(transferOf(payable, reserved, 100n)).toEqual([{ from: payable, to: reserved, minor: 100n }]);
  });

  it('is omitted for an amount of zero', () => {
    expect(transferOf(payable, reserved, 0n)).toEqual([]);
  });

  it('of a negative amount is rejected, because it would be a posting in the other direction', () => {
    expect(() => transferOf(payable, reserved, -1n)).toThrow(InvalidPosting);
  });

  it('between two currencies is rejected', () => {
    expect(() => transferOf(payable, accounts.reserved(recipient, 'award', 'EUR'), 1n)).toThrow(
      InvalidPosting,
    );
  });

  it('reversed twice is the same posting', () => {
    const postings = transferOf(payable, reserved, 100n);
    expect(backwards(postings)).toEqual([{ from: reserved, to: payable, minor: 100n }]);
    expect(backwards(backwards(postings))).toEqual(postings);
  });

  it('has readable account names', () => {
    expect(nameOf(payable)).toBe(`payable:${recipient}:award:USD`);
    expect(nameOf(accounts.funding('JPY'))).toBe('funding:JPY');
  });
});
