import { Injectable } from '@nestjs/common';
import { nameOf, type Actor } from '../../../kernel/actor';
import type { Tx } from '../../../kernel/tx';
import { Tenancy } from '../../tenancy';
import { RailAccountMissing, type Rail, type TransferRequest, Transfers } from '../../transfers';
import { reservationOf } from '../domain/accounting';
import type { Payout } from '../domain/payout';
import { EndPayouts } from './end-payouts';
import { PAYOUT_ORIGIN } from './payout-origin';

/** Gives payouts that are new to the transfer engine. The caller holds their locks, and saves them. */
@Injectable()
export class StartPayouts {
  constructor(
    private readonly transfers: Transfers,
    private readonly tenancy: Tenancy,
    private readonly endPayouts: EndPayouts,
  ) {}

  /** Throws InvalidTransition for one that is not new. */
  async execute(tx: Tx, payouts: readonly Payout[], actor: Actor): Promise<void> {
    payouts.forEach((payout) => payout.assertMayBecome('PROCESSING'));
    const accounts = await this.accountsOf(tx, payouts);
    // All rails in one request: the ledger locks in order within one call, and balances of one recipient may
    // be behind several rails.
    const payable = [...accounts.keys()].flatMap((rail) =>
      payouts.filter((payout) => payout.snapshot().rail === rail),
    );
    if (payable.length) await this.start(tx, payable, accounts, actor);
    const unpayable = payouts.filter((payout) => !accounts.has(payout.snapshot().rail));
    if (unpayable.length) await this.endPayouts.unpaid(tx, unpayable, 'rail_account_missing', actor);
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
    const standings = await this.transfers.statusOf(
      tx,
      PAYOUT_ORIGIN,
      requests.map(({ origin }) => origin.id),
    );
    const moment = { at: new Date(), actor: nameOf(actor) };
    for (const payout of payouts) payout.start(transferOf(standings, payout), moment);
  }

  /** Of the rails that the tenant can pay on. */
  private async accountsOf(tx: Tx, payouts: readonly Payout[]): Promise<Map<Rail, string>> {
    const accounts = new Map<Rail, string>();
    // In one order for everybody: the first payment on the manual rail makes its account.
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

function transferOf(standings: ReadonlyMap<string, { readonly transferId: string }>, payout: Payout): string {
  const { id } = payout.snapshot();
  const standing = standings.get(id);
  if (!standing) throw new Error(`payout ${id} was requested and has no transfer`);
  return standing.transferId;
}
