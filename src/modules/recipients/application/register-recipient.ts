import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/actor';
import { newId } from '../../../kernel/ids';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { AuditTrail, whatChanged } from '../../../platform/audit';
import { Cipher } from '../../../platform/crypto';
import type { RecipientType } from '../contract';
import { bankDetailsOf, tailOf } from '../domain/bank-details';
import { ExternalIdTaken, InvalidRecipient, RecipientUnknown } from '../domain/errors';
import {
  Recipient,
  type RecipientDetails,
  type RecipientSnapshot,
  type SealedBankDetails,
} from '../domain/recipient';
import { RecipientRepository } from './ports';

const NUMBER_KIND = 'recipient.account_number';

export interface RecipientInput {
  readonly type?: RecipientType;
  readonly name?: string;
  readonly country?: string;
  readonly accountNumber?: string;
  readonly bankCode?: string;
  readonly isActive?: boolean;
  readonly metadata?: Record<string, string>;
}

export interface NewRecipient extends RecipientInput {
  readonly type: RecipientType;
  readonly name: string;
  readonly country: string;
  readonly externalId?: string;
}

/** Registers or changes a recipient. The account number is sealed for exactly this row before it is written. */
@Injectable()
export class RegisterRecipient {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly recipients: RecipientRepository,
    private readonly cipher: Cipher,
    private readonly audit: AuditTrail,
  ) {}

  async execute(tx: Tx, input: NewRecipient, actor: Actor): Promise<{ id: string }> {
    const id = newId();
    const details: RecipientDetails = {
      type: input.type,
      name: input.name,
      country: input.country,
      bank: this.sealed(tx, id, input),
      isActive: input.isActive ?? true,
      metadata: input.metadata ?? {},
    };
    const recipient = Recipient.register(id, input.externalId ?? null, details, new Date());
    if (!(await this.recipients.add(tx, recipient.snapshot()))) throw new ExternalIdTaken();
    await this.audit.record(tx, actor, {
      action: 'recipient.registered',
      entity: { kind: 'recipient', id },
      after: shown(recipient.snapshot()),
    });
    return { id };
  }

  async change(tx: Tx, id: string, input: RecipientInput, actor: Actor): Promise<void> {
    const row = await this.recipients.lock(tx, id);
    if (!row) throw new RecipientUnknown();
    const recipient = Recipient.rehydrate(row);
    const bank = this.sealed(tx, id, input);
    const { type, name, country, isActive, metadata } = input;
    recipient.change(given({ type, name, country, isActive, metadata, bank: bank ?? undefined }), new Date());
    await this.recipients.save(tx, recipient.snapshot());
    await this.audit.record(tx, actor, {
      action: 'recipient.changed',
      entity: { kind: 'recipient', id },
      ...whatChanged(shown(row), shown(recipient.snapshot())),
    });
  }

  private sealed(tx: Tx, id: string, input: RecipientInput): SealedBankDetails | null {
    if (input.accountNumber === undefined && input.bankCode === undefined) return null;
    if (input.accountNumber === undefined || input.bankCode === undefined) {
      throw new InvalidRecipient(
        input.bankCode === undefined ? 'bank_code' : 'account_number',
        'account_number and bank_code are given together',
      );
    }
    const { accountNumber, bankCode } = bankDetailsOf(input.accountNumber, input.bankCode);
    const sealed = this.cipher.encrypt(accountNumber, {
      tenant: this.uow.tenantOf(tx),
      kind: NUMBER_KIND,
      id,
    });
    return { accountNumber: sealed, accountTail: tailOf(accountNumber), bankCode };
  }
}

/** The sealed number differs each time one was sent, so the audit record shows that it changed. */
function shown(s: RecipientSnapshot) {
  const { type, name, country, metadata } = s;
  return {
    type,
    name,
    country,
    external_id: s.externalId,
    account_number: s.accountNumber,
    account_tail: s.accountTail,
    bank_code: s.bankCode,
    is_active: s.isActive,
    metadata,
  };
}

/** Absent fields stay as they are. */
function given(changes: Partial<RecipientDetails>): Partial<RecipientDetails> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => (value as unknown) !== undefined));
}
