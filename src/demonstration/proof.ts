import type { SimulatorClient } from '../simulator/control-client';
import type { CallRecord } from '../simulator/control/types';
import type { Api } from './api';
import { KINDS } from './faults';
import type { Installation } from './world';

interface Entry {
  readonly reference: string;
}

interface TransferShown {
  readonly id: string;
  readonly generation: number;
  readonly attempt_count: number;
  readonly status: string;
}

export interface Proof {
  readonly lines: readonly string[];
  /** What a demonstration must have shown and did not. */
  readonly failures: readonly string[];
}

const STRIKES_MIN = 3;
const LOST_MIN = 3;
const SHARE_MIN = 0.05;

/** Counts from the simulator's record and from responses of the API only. */
export async function prove(
  api: Api,
  simulator: SimulatorClient,
  on: Installation,
  jobId: string,
  toppedUp: boolean,
): Promise<Proof> {
  const transfers = await api.all<TransferShown>(`/payout-jobs/${jobId}/transfers?limit=100`);
  const calls = await callsFor(simulator, transfers);
  const strikes = new Map(KINDS.map((kind) => [kind, calls.filter((call) => call.fault === kind).length]));
  const struck = calls.filter((call) => call.fault !== null).length;
  const lost = calls.filter((call) => call.effect && call.outcome !== 'answered').length;
  const stats = await simulator.stats();
  const renewed = await resentAfterLookUp(api, transfers);
  const books = await compareBooks(api, simulator, on);
  const checks: [string, boolean][] = [
    [
      `${struck} of ${calls.length} calls met a fault (${((100 * struck) / calls.length).toFixed(1)} %)`,
      struck / calls.length >= SHARE_MIN,
    ],
    [
      `by kind: ${[...strikes].map(([kind, count]) => `${kind} ${count}`).join(', ')}`,
      [...strikes.values()].every((count) => count >= STRIKES_MIN),
    ],
    [
      `${lost} answers lost after the money had moved (${stats.answers_lost_after_effect} over all calls)`,
      lost >= LOST_MIN,
    ],
    ['the balance ran out and was topped up', toppedUp],
    [`${renewed} transfers were looked up, found missing, and paid under a second key`, renewed >= 1],
    completion(transfers),
    ...books,
  ];
  return {
    lines: checks.map(([line, held]) => `  ${held ? 'ok  ' : 'FAIL'} ${line}`),
    failures: checks.filter(([, held]) => !held).map(([line]) => line),
  };
}

function completion(transfers: readonly TransferShown[]): [string, boolean] {
  const completed = transfers.filter(({ status }) => status === 'completed').length;
  const repeated = transfers.filter(({ attempt_count: attempts }) => attempts > 1).length;
  return [
    `${completed} of ${transfers.length} transfers completed, ${repeated} after more than one call`,
    completed === transfers.length,
  ];
}

/** The calls for this settlement only: the provider's record may have calls for others. */
async function callsFor(
  simulator: SimulatorClient,
  transfers: readonly TransferShown[],
): Promise<CallRecord[]> {
  const groups = new Set(transfers.map(({ id }) => `disburse_${id}`));
  return (await simulator.allCalls()).filter(
    (call) => call.path.startsWith('/v1/transfers') && groups.has(call.transfer_group ?? ''),
  );
}

async function resentAfterLookUp(api: Api, transfers: readonly TransferShown[]): Promise<number> {
  let renewed = 0;
  for (const { id } of transfers.filter((transfer) => transfer.generation > 1)) {
    const { attempts } = await api.get<{ attempts: { call: string; generation: number; outcome: string }[] }>(
      `/transfers/${id}`,
    );
    if (
      attempts.some((attempt) => attempt.call === 'look_up') &&
      attempts.some((attempt) => attempt.generation > 1 && attempt.outcome === 'succeeded')
    )
      renewed += 1;
  }
  return renewed;
}

/** Compares effects at the provider with ledger entries, one for one. */
async function compareBooks(
  api: Api,
  simulator: SimulatorClient,
  on: Installation,
): Promise<[string, boolean][]> {
  const entries = await api.all<Entry>('/ledger/entries?kind=transfer_completed&limit=100');
  const booked = entries.map((entry) => entry.reference.split(':')[1] ?? '');
  const effects = (await simulator.allEffects()).map((effect) => effect.metadata['disburse_transfer'] ?? '');
  const once = new Set(effects).size === effects.length && new Set(booked).size === booked.length;
  const same = effects.length === booked.length && effects.every((id) => booked.includes(id));
  const verification = await api.get<{ balanced: boolean }>('/ledger/verify');
  const counts = `the provider moved money ${effects.length} times, the ledger says ${booked.length} times`;
  return [
    [`${counts}, one for one (tenant ${on.tenant_id})`, once && same],
    [`the ledger is balanced: ${verification.balanced}`, verification.balanced],
  ];
}
