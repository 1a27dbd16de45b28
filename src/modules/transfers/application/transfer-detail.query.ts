import { Injectable } from '@nestjs/common';
import { type Tx, UnitOfWork } from '../../../kernel/tx';
import { sql, type Sql } from '../../../platform/database';
import { TransferNotFound } from '../domain/errors';
import { TRANSFER_ROW, type TransferRow } from './list-transfers.query';

export interface AttemptRow {
  readonly number: number;
  readonly call_kind: 'send' | 'look_up';
  readonly generation: number;
  readonly key: string;
  readonly destination: string;
  readonly outcome: string | null;
  readonly http_status: number | null;
  readonly provider_code: string | null;
  readonly provider_request_id: string | null;
  readonly reason: string | null;
  readonly started_at: Date;
  readonly finished_at: Date | null;
}

export interface TransitionRow {
  readonly from_state: string;
  readonly to_state: string;
  readonly opening: number;
  readonly generation: number;
  readonly reason: string | null;
  readonly actor: string;
  readonly occurred_at: Date;
}

export interface EvidenceRow {
  readonly provider_transfer_id: string;
  readonly source: string;
  readonly amount_minor: bigint;
  readonly currency: string;
  readonly destination: string;
  readonly recorded_at: Date;
}

export interface TransferDetail {
  readonly transfer: TransferRow;
  readonly attempts: AttemptRow[];
  readonly transitions: TransitionRow[];
  readonly evidence: EvidenceRow[];
}

/** One transfer with all its attempts, transitions and evidence. Throws TransferNotFound. */
@Injectable()
export class ShowTransfer {
  constructor(private readonly uow: UnitOfWork) {}

  async execute(tx: Tx, id: string): Promise<TransferDetail> {
    const tenant = this.uow.tenantOf(tx);
    const transfer = await sql(tx).maybe(
      of<TransferRow>(
        `SELECT ${TRANSFER_ROW} FROM transfers.transfers WHERE tenant_id = $1 AND id = $2`,
        tenant,
        id,
      ),
    );
    if (!transfer) throw new TransferNotFound();
    return {
      transfer,
      attempts: await sql(tx).rows(of<AttemptRow>(ATTEMPTS, tenant, id)),
      transitions: await sql(tx).rows(of<TransitionRow>(TRANSITIONS, tenant, id)),
      evidence: await sql(tx).rows(of<EvidenceRow>(EVIDENCE, tenant, id)),
    };
  }
}

const ATTEMPTS = `
  SELECT number, call_kind, generation, key, destination, outcome, http_status, provider_code,
    provider_request_id, reason, started_at, finished_at
    FROM transfers.attempts WHERE tenant_id = $1 AND transfer_id = $2 ORDER BY number`;
const TRANSITIONS = `
  SELECT from_state, to_state, opening, generation, reason, actor, occurred_at
    FROM transfers.transfer_transitions WHERE tenant_id = $1 AND transfer_id = $2 ORDER BY id`;
const EVIDENCE = `
  SELECT provider_transfer_id, source, amount_minor, currency, destination, recorded_at
    FROM transfers.transfer_evidence WHERE tenant_id = $1 AND transfer_id = $2 ORDER BY recorded_at, source`;

function of<Row>(text: string, ...values: unknown[]): Sql<Row> {
  return { text, values };
}
