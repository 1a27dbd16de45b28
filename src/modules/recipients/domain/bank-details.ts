import { InvalidRecipient } from './errors';

const ACCOUNT_NUMBER = /^[A-Z0-9]{4,34}$/;
const BANK_CODE = /^[A-Z0-9]{2,35}$/;
const TAIL = 4;

export interface BankDetails {
  readonly accountNumber: string;
  readonly bankCode: string;
}

/** Written with or without spaces, in any case: one number has one form, or a comparison of two would lie. */
export function bankDetailsOf(accountNumber: string, bankCode: string): BankDetails {
  const details = { accountNumber: compact(accountNumber), bankCode: compact(bankCode) };
  if (!ACCOUNT_NUMBER.test(details.accountNumber))
    throw new InvalidRecipient('account_number', 'account_number must be 4 to 34 letters or digits');
  if (!BANK_CODE.test(details.bankCode))
    throw new InvalidRecipient('bank_code', 'bank_code must be 2 to 35 letters or digits');
  return details;
}

/** What may be shown: four characters at most, and never so many that fewer than four stay hidden. */
export function tailOf(accountNumber: string): string {
  const shown = Math.min(TAIL, accountNumber.length - TAIL);
  return shown > 0 ? accountNumber.slice(-shown) : '';
}

/** As it is kept. */
export function compact(text: string): string {
  return text.replaceAll(/[ -]/g, '').toUpperCase();
}
