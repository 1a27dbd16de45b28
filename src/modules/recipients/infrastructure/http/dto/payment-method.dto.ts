import { ApiProperty } from '@nestjs/swagger';
import { IsOneOf } from '../../../../../platform/http';
import type { ListedRecipient } from '../../../application/ports';
import { PAYMENT_METHOD_TYPES, type PaymentMethodType } from '../../../contract';
import { type PaymentMeans, paymentMethodsOf } from '../../../domain/payment-method';
import { ConnectedAccountDto, connectedAccountOf, maskedNumberOf } from './recipient.dto';

const REASONS = [
  'recipient_inactive',
  'transfers_capability_pending',
  'transfers_capability_inactive',
  'transfers_capability_unrequested',
];

export class ChoosePaymentMethodDto {
  @ApiProperty({ enum: PAYMENT_METHOD_TYPES, example: 'manual_bank_transfer' })
  @IsOneOf(PAYMENT_METHOD_TYPES)
  type: PaymentMethodType;
}

export class BankDetailsDto {
  @ApiProperty({ example: '****3000', description: 'Masked.' })
  account_number: string;
  @ApiProperty({ example: 'COBADEFFXXX' })
  bank_code: string;
}

export class PaymentMethodDto {
  @ApiProperty({ enum: PAYMENT_METHOD_TYPES, example: 'stripe_connected_account' })
  type: PaymentMethodType;
  @ApiProperty({
    enum: ['stripe', 'manual'],
    example: 'stripe',
    description: 'The rail of a payment by this method.',
  })
  rail: string;
  @ApiProperty({ example: true })
  is_default: boolean;
  @ApiProperty({
    example: true,
    description: 'Whether a payment by this method would be sent now.',
  })
  payable: boolean;
  @ApiProperty({ enum: REASONS, type: String, nullable: true, example: null })
  not_payable_reason: string | null;
  @ApiProperty({ type: BankDetailsDto, nullable: true, example: null })
  bank_details: BankDetailsDto | null;
  @ApiProperty({ type: ConnectedAccountDto, nullable: true })
  connected_account: ConnectedAccountDto | null;
}

export class PaymentMethodsDto {
  @ApiProperty({
    type: [PaymentMethodDto],
    description: 'At most one of each type; the default first unless another one was chosen.',
  })
  results: PaymentMethodDto[];

  static of(recipient: ListedRecipient): PaymentMethodsDto {
    return {
      results: paymentMethodsOf(meansOf(recipient)).map(({ type, rail, isDefault, notPayableReason }) => ({
        type,
        rail,
        is_default: isDefault,
        payable: notPayableReason === null,
        not_payable_reason: notPayableReason,
        bank_details: type === 'manual_bank_transfer' ? bankDetailsOf(recipient) : null,
        connected_account: type === 'stripe_connected_account' ? connectedAccountOf(recipient) : null,
      })),
    };
  }
}

function meansOf({ isActive, bankCode, connected, defaultPaymentMethod }: ListedRecipient): PaymentMeans {
  return {
    isActive,
    hasBankDetails: bankCode !== null,
    transfersCapability: connected?.transfersCapability ?? null,
    defaultPaymentMethod,
  };
}

function bankDetailsOf(recipient: ListedRecipient): BankDetailsDto | null {
  const account_number = maskedNumberOf(recipient);
  return account_number === null || recipient.bankCode === null
    ? null
    : { account_number, bank_code: recipient.bankCode };
}
