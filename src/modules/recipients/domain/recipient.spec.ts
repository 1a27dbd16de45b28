import fc from 'fast-check';
import { bankDetailsOf, tailOf } from './bank-details';
import { afterConnecting, afterReading, type ConnectedAccount } from './connected-account';
import { InvalidRecipient } from './errors';
import { Recipient, type RecipientDetails } from './recipient';

const at = new Date('2025-11-21T08:00:00Z');
const later = new Date('2025-11-21T09:00:00Z');

describe('bank details', () => {
  it('have one form, however they are written', () => {
    expect(bankDetailsOf('de89 3704-0044', 'coba de ff')).toEqual({
      accountNumber: 'DE8937040044',
      bankCode: 'COBADEFF',
    });
  });

  it.each([
    ['123', 'AB'],
    ['x'.repeat(35), 'AB'],
    ['1234;', 'AB'],
    ['１２３４', 'AB'],
    ['1234', 'A'],
    ['1234', 'A'.repeat(36)],
    ['1234', 'A_'],
  ])('refuse %s at %s', (number, code) => {
    expect(() => bankDetailsOf(number, code)).toThrow(InvalidRecipient);
  });

  it('show four characters at most and hide four at least', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'0123456789AB'), minLength: 4, maxLength: 34 }),
        (number) => {
          const tail = tailOf(number);
          expect(number.endsWith(tail)).toBe(true);
          expect(tail.length).toBeLessThanOrEqual(Math.min(4, number.length - 4));
        },
      ),
    );
  });
});

describe('a recipient', () => {
  const details: RecipientDetails = {
    type: 'INDIVIDUAL',
    name: ' Ann ',
    country: 'us',
    bank: null,
    isActive: true,
    metadata: {},
  };

  it('has a trimmed name and an assigned country', () => {
    expect(Recipient.register('r', null, details, at).snapshot()).toMatchObject({
      name: 'Ann',
      country: 'US',
      accountNumber: null,
    });
    expect(() => Recipient.register('r', null, { ...details, country: 'XX' }, at)).toThrow('ISO 3166-1');
    expect(() => Recipient.register('r', null, { ...details, name: ' \t' }, at)).toThrow(InvalidRecipient);
  });

  it('keeps its bank details when other things change', () => {
    const bank = { accountNumber: 'sealed', accountTail: '3000', bankCode: 'XY' };
    const recipient = Recipient.register('r', 'ext', { ...details, bank }, at);
    recipient.change({ isActive: false }, later);
    expect(recipient.snapshot()).toMatchObject({
      ...bank,
      externalId: 'ext',
      isActive: false,
      createdAt: at,
      updatedAt: later,
    });
  });
});

describe('a connected account', () => {
  const account: ConnectedAccount = {
    recipientId: 'r',
    stripeAccountId: 'acct_1',
    railAccountId: 'rail',
    transfersCapability: 'active',
    checkedAt: at,
    watched: false,
    version: 1,
  };
  const reading = {
    recipientId: 'r',
    stripeAccountId: 'acct_1',
    transfersCapability: 'active' as const,
    readAt: later,
  };
  const blocked: ConnectedAccount = { ...account, transfersCapability: 'pending', watched: true };

  it.each([
    [account, 'active', null],
    [account, 'inactive', 'blocked'],
    [blocked, 'active', 'payable'],
    [blocked, 'inactive', null],
    [{ ...account, watched: true }, 'active', 'payable'],
    [{ ...account, watched: true }, 'pending', 'blocked'],
  ] as const)('%j read as %s is published as %s', (before, transfersCapability, change) => {
    const after = afterReading(before, { ...reading, transfersCapability });
    expect(after).toMatchObject({
      change,
      account: { transfersCapability, checkedAt: later, watched: transfersCapability !== 'active' },
    });
  });

  it('is not changed by an older reading or one of another account', () => {
    const old = { ...reading, transfersCapability: 'inactive' as const };
    expect(afterReading(account, { ...old, readAt: at })).toEqual({ account, change: null });
    expect(afterReading(account, { ...old, stripeAccountId: 'acct_2' })).toEqual({ account, change: null });
  });

  it('is published as payable when it replaces another one', () => {
    const second: ConnectedAccount = { ...account, stripeAccountId: 'acct_2', version: 2 };
    expect([
      afterConnecting(null, account),
      afterConnecting(null, blocked),
      afterConnecting(account, second),
      afterConnecting(account, account),
    ]).toEqual(['payable', null, 'payable', null]);
  });
});
