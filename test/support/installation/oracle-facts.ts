import type { CallRecord, EffectiveTransfer } from '../../../src/simulator';
import type { Installation } from './installation';

export interface TransferFact {
  readonly tenant_id: string;
  readonly id: string;
  readonly origin_id: string;
  readonly recipient_id: string;
  readonly amount_minor: bigint;
  readonly currency: string;
  readonly state: string;
  readonly attempts: number;
  readonly generation: number;
  readonly provider_transfer_id: string | null;
}

export interface AttemptFact {
  readonly transfer_id: string;
  readonly number: number;
  readonly call_kind: 'send' | 'look_up';
  readonly generation: number;
  readonly key: string;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly started_at: Date;
  readonly finished_at: Date | null;
}

export interface TransitionFact {
  readonly transfer_id: string;
  readonly from_state: string;
  readonly to_state: string;
  readonly opening: number;
}

/** One entry that says that a transfer was paid. */
export interface PaidEntry {
  readonly tenant_id: string;
  readonly transfer_id: string;
  readonly currency: string;
  readonly minor: bigint;
}

/** The records of the provider and of the database, read at rest. */
export interface Facts {
  readonly calls: readonly CallRecord[];
  readonly effects: readonly EffectiveTransfer[];
  readonly transfers: readonly TransferFact[];
  readonly attempts: readonly AttemptFact[];
  readonly transitions: readonly TransitionFact[];
  readonly paid: readonly PaidEntry[];
  /** Accounts whose stored balance is not the sum of their postings, or whose balance is below a floor. */
  readonly drifted: readonly string[];
  /** Reserved accounts that do not hold what live transfers need. */
  readonly misreserved: readonly string[];
}

export async function factsOf(installation: Installation): Promise<Facts> {
  const calls = (await installation.stripe.allCalls()).filter(({ path }) => path === '/v1/transfers');
  return {
    calls,
    effects: await installation.stripe.allEffects(),
    transfers: await installation.rows<TransferFact>(
      `SELECT tenant_id, id, origin_id, recipient_id, amount_minor, currency, state, attempts, generation,
        provider_transfer_id FROM transfers.transfers`,
    ),
    attempts: await installation.rows<AttemptFact>(
      `SELECT transfer_id, number, call_kind, generation, key, outcome, reason, started_at, finished_at
        FROM transfers.attempts ORDER BY transfer_id, number`,
    ),
    transitions: await installation.rows<TransitionFact>(
      `SELECT transfer_id, from_state, to_state, opening FROM transfers.transfer_transitions
        ORDER BY transfer_id, id`,
    ),
    paid: await installation.rows<PaidEntry>(PAID),
    drifted: (await installation.rows<{ what: string }>(DRIFTED)).map(({ what }) => what),
    misreserved: (await installation.rows<{ what: string }>(MISRESERVED)).map(({ what }) => what),
  };
}

const PAID = `
  SELECT e.tenant_id, split_part(e.reference, ':', 2) AS transfer_id, a.currency, sum(p.minor)::bigint
    AS minor
    FROM ledger.entries e
    JOIN ledger.postings p ON p.tenant_id = e.tenant_id AND p.entry_id = e.id
    JOIN ledger.accounts a ON a.tenant_id = p.tenant_id AND a.id = p.to_account_id AND a.kind = 'external'
   WHERE e.kind IN ('transfer_completed', 'transfer_completed_late')
   GROUP BY e.tenant_id, e.id, e.reference, a.currency`;

const DRIFTED = `
  WITH moved AS (
    SELECT tenant_id, account_id, sum(minor) AS minor
      FROM (SELECT tenant_id, to_account_id AS account_id, minor FROM ledger.postings
            UNION ALL SELECT tenant_id, from_account_id, -minor FROM ledger.postings) side
     GROUP BY tenant_id, account_id
  )
  SELECT format('%s:%s:%s:%s stored %s, posted %s', a.kind, a.owner, a.purpose, a.currency, a.minor, m.minor)
    AS what
    FROM ledger.accounts a LEFT JOIN moved m ON m.tenant_id = a.tenant_id AND m.account_id = a.id
   WHERE (a.minor IS NOT NULL AND a.minor <> coalesce(m.minor, 0))
      OR (a.kind IN ('payable', 'reserved', 'returned', 'held') AND coalesce(m.minor, 0) < 0)
      OR (a.kind = 'pot' AND coalesce(m.minor, 0) <> 0)
  UNION ALL
  SELECT format('tenant %s: %s do not sum to zero in %s', a.tenant_id, sum(m.minor), a.currency)
    FROM ledger.accounts a JOIN moved m ON m.tenant_id = a.tenant_id AND m.account_id = a.id
   GROUP BY a.tenant_id, a.currency HAVING sum(m.minor) <> 0`;

const MISRESERVED = `
  SELECT format('reserved of %s: ledger %s, transfers %s', owner, ledger, live) AS what
    FROM (SELECT tenant_id, owner, purpose, currency, minor AS ledger FROM ledger.accounts
      WHERE kind = 'reserved') held
    FULL JOIN (SELECT tenant_id, recipient_id AS owner, purpose, currency, sum(amount_minor) AS live
      FROM transfers.transfers
                WHERE state NOT IN ('completed', 'failed_terminal', 'cancelled')
                  GROUP BY tenant_id, recipient_id, purpose, currency) wanted
      USING (tenant_id, owner, purpose, currency)
   WHERE coalesce(ledger, 0) <> coalesce(live, 0)`;
