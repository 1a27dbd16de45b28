import { InvalidRecipient } from './errors';

const ACCOUNT_NUMBER = /^[A-Z0-9]{4,34}$/;
const BANK_CODE = /^[A-Z0-9]{2,35}$/;
const TAIL = 4;

export interface BankDetails {
  readonly accountNumber: string;
  readonly bankCode: string;
}

/** One number has one form, so that two can be compared. */
export function bankDetailsOf(accountNumber: string, bankCode: string): BankDetails {
  const details = { accountNumber: compact(accountNumber), bankCode: compact(bankCode) };
  if (!ACCOUNT_NUMBER.test(details.accountNumber))
    throw new InvalidRecipient('account_number', 'account_number must be 4 to 34 letters or digits');
  if (!BANK_CODE.test(details.bankCode))
    throw new InvalidRecipient('bank_code', 'bank_code must be 2 to 35 letters or digits');
  return details;
}

/** At most four characters, and at least four stay hidden. */
export function tailOf(accountNumber: string): string {
  const shown = Math.min(TAIL, accountNumber.length - TAIL);
  return shown > 0 ? accountNumber.slice(-shown) : '';
}

/** The stored form: no spaces or hyphens, upper case. */
export function compact(text: string): string {
  return text.replaceAll(/[ -]/g, '').toUpperCase();
}
