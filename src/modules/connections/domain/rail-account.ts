import type { Rail, RailAccount, RailAccountStatus, RailMode } from '../contract';

export interface RailAccountSnapshot {
  readonly id: string;
  readonly rail: Rail;
  readonly providerAccountId: string | null;
  readonly mode: RailMode;
  readonly status: RailAccountStatus;
  readonly pausedReason: string | null;
  readonly pausedBy: string | null;
  readonly pausedAt: Date | null;
  readonly createdAt: Date;
}

/** One rail account. A pause stops transfers that are not sent yet, not those that are being sent. */
export class RailAccountState {
  private constructor(private state: RailAccountSnapshot) {}

  static rehydrate(snapshot: RailAccountSnapshot): RailAccountState {
    return new RailAccountState(snapshot);
  }

  snapshot(): RailAccountSnapshot {
    return this.state;
  }

  /** Returns whether anything changed. A repeated pause does not replace the reason. */
  pause(reason: string, actor: string, at: Date): boolean {
    if (this.state.status === 'paused') return false;
    this.state = { ...this.state, status: 'paused', pausedReason: reason, pausedBy: actor, pausedAt: at };
    return true;
  }

  resume(): boolean {
    if (this.state.status === 'active') return false;
    this.state = { ...this.state, status: 'active', pausedReason: null, pausedBy: null, pausedAt: null };
    return true;
  }
}

/** The view for other modules: no secret, no actor. */
export function railAccountOf(s: RailAccountSnapshot): RailAccount {
  return {
    id: s.id,
    rail: s.rail,
    providerAccountId: s.providerAccountId,
    mode: s.mode,
    status: s.status,
    pausedReason: s.pausedReason,
  };
}
