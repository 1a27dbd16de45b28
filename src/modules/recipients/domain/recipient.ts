import type { PaymentMethodType, RecipientType } from '../contract';
import { isCountry } from './countries';
import { InvalidRecipient, PaymentMethodMissing } from './errors';

export interface RecipientSnapshot {
  readonly id: string;
  readonly type: RecipientType;
  readonly name: string;
  /** Sealed; null without bank details. */
  readonly accountNumber: string | null;
  /** The end of the account number, which may be shown. */
  readonly accountTail: string | null;
  readonly bankCode: string | null;
  readonly country: string;
  readonly externalId: string | null;
  readonly isActive: boolean;
  readonly metadata: Record<string, string>;
  /** Null when none was chosen. */
  readonly defaultPaymentMethod: PaymentMethodType | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface SealedBankDetails {
  readonly accountNumber: string;
  readonly accountTail: string;
  readonly bankCode: string;
}

export interface RecipientDetails {
  readonly type: RecipientType;
  readonly name: string;
  readonly country: string;
  readonly bank: SealedBankDetails | null;
  readonly isActive: boolean;
  readonly metadata: Record<string, string>;
}

/** A person or business that a tenant pays. The `externalId` never changes; other details may. */
export class Recipient {
  private constructor(private state: RecipientSnapshot) {}

  static register(id: string, externalId: string | null, details: RecipientDetails, at: Date): Recipient {
    return new Recipient({
      id,
      externalId,
      ...columnsOf(details),
      defaultPaymentMethod: null,
      createdAt: at,
      updatedAt: at,
    });
  }

  static rehydrate(snapshot: RecipientSnapshot): Recipient {
    return new Recipient(snapshot);
  }

  snapshot(): RecipientSnapshot {
    return this.state;
  }

  change(changes: Partial<RecipientDetails>, at: Date): void {
    const { type, name, country, isActive, metadata, accountNumber, accountTail, bankCode } = this.state;
    const bank =
      accountNumber === null || bankCode === null
        ? null
        : { accountNumber, accountTail: accountTail ?? '', bankCode };
    this.state = {
      ...this.state,
      ...columnsOf({ type, name, country, isActive, metadata, bank, ...changes }),
      updatedAt: at,
    };
  }

  /** Throws PaymentMethodMissing when the recipient does not have this method. */
  choosePaymentMethod(type: PaymentMethodType, isConnected: boolean, at: Date): void {
    const isThere = type === 'stripe_connected_account' ? isConnected : this.state.accountNumber !== null;
    if (!isThere) throw new PaymentMethodMissing(type);
    this.state = { ...this.state, defaultPaymentMethod: type, updatedAt: at };
  }
}

function columnsOf(
  d: RecipientDetails,
): Omit<RecipientSnapshot, 'id' | 'externalId' | 'defaultPaymentMethod' | 'createdAt' | 'updatedAt'> {
  const country = d.country.toUpperCase();
  if (!isCountry(country))
    throw new InvalidRecipient('country', 'country must be an ISO 3166-1 code of two letters, such as "US"');
  const name = d.name.normalize('NFC').trim();
  if (!name) throw new InvalidRecipient('name', 'name must not be blank');
  const bank = {
    accountNumber: d.bank?.accountNumber ?? null,
    accountTail: d.bank?.accountTail ?? null,
    bankCode: d.bank?.bankCode ?? null,
  };
  return { type: d.type, name, country, isActive: d.isActive, metadata: d.metadata, ...bank };
}
