import { Injectable } from '@nestjs/common';
import { nameOf, type Actor } from '../../../kernel/actor';
import type { Tx } from '../../../kernel/tx';
import { Tenancy } from '../../tenancy';
import { RailAccountMissing, type Rail, type TransferRequest, Transfers } from '../../transfers';
import { reservationOf } from '../domain/accounting';
import { type Payout, PAYOUT_ORIGIN } from '../domain/payout';
import { FinalizePayouts } from './finalize-payouts';

/** Requests the transfers of new payouts. The caller has locked the payouts, and saves them. */
@Injectable()
export class DispatchPayouts {
  constructor(
    private readonly transfers: Transfers,
    private readonly tenancy: Tenancy,
    private readonly finalizePayouts: FinalizePayouts,
  ) {}

  /**
   * Fails payouts of a rail on which the tenant has no account.
   *
   * @throws InvalidTransition if one of them is not NEW
   */
  async execute(tx: Tx, payouts: readonly Payout[], actor: Actor): Promise<void> {
    payouts.forEach((payout) => payout.assertMayBecome('PROCESSING'));
    const accounts = await this.accountsOf(tx, payouts);
    // One call for all rails: the ledger orders its locks within a call only, and payouts of one recipient on
    // several rails lock the same balance.
    const payable = [...accounts.keys()].flatMap((rail) =>
      payouts.filter((payout) => payout.snapshot().rail === rail),
    );
    if (payable.length) await this.start(tx, payable, accounts, actor);
    const unpayable = payouts.filter((payout) => !accounts.has(payout.snapshot().rail));
    if (unpayable.length) await this.finalizePayouts.fail(tx, unpayable, 'rail_account_missing', actor);
  }

  private async start(
    tx: Tx,
    payouts: readonly Payout[],
    accounts: ReadonlyMap<Rail, string>,
    actor: Actor,
  ): Promise<void> {
    const { maxAttempts } = await this.tenancy.settingsOf(tx);
    const requests = payouts.map((payout) =>
      requestOf(payout, { railAccountId: accounts.get(payout.snapshot().rail) as string, maxAttempts }),
    );
    await this.transfers.request(tx, requests, {
      reference: ({ origin }) => reservationOf(origin.id),
      actor: nameOf(actor),
    });
    const transfers = await this.transfers.statusOf(
      tx,
      PAYOUT_ORIGIN,
      requests.map(({ origin }) => origin.id),
    );
    const moment = { at: new Date(), actor: nameOf(actor) };
    for (const payout of payouts) payout.start(transferIdOf(transfers, payout), moment);
  }

  /** The account of each rail on which the tenant has one. */
  private async accountsOf(tx: Tx, payouts: readonly Payout[]): Promise<Map<Rail, string>> {
    const accounts = new Map<Rail, string>();
    // Sorted, to prevent deadlocks: the first payment on the manual rail creates its account.
    for (const rail of [...new Set(payouts.map((payout) => payout.snapshot().rail))].sort()) {
      const id = await this.accountOf(tx, rail);
      if (id !== null) accounts.set(rail, id);
    }
    return accounts;
  }

  private async accountOf(tx: Tx, rail: Rail): Promise<string | null> {
    try {
      return await this.transfers.payingAccount(tx, rail);
    } catch (error) {
      if (error instanceof RailAccountMissing) return null;
      throw error;
    }
  }
}

function requestOf(
  payout: Payout,
  terms: Pick<TransferRequest, 'railAccountId' | 'maxAttempts'>,
): TransferRequest {
  const { id, recipientId, amountMinor, currency, rail } = payout.snapshot();
  return {
    ...terms,
    recipientId,
    amountMinor,
    currency,
    rail,
    purpose: 'payout',
    origin: { kind: PAYOUT_ORIGIN, id },
    jobId: null,
    settlementId: null,
  };
}

function transferIdOf(
  transfers: ReadonlyMap<string, { readonly transferId: string }>,
  payout: Payout,
): string {
  const { id } = payout.snapshot();
  const transfer = transfers.get(id);
  if (!transfer) throw new Error(`payout ${id} has no transfer after the request for it`);
  return transfer.transferId;
}
