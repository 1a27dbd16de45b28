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

/** One account at a rail. Pausing stops what is not yet sent; money on its way ends as it ends. */
export class RailAccountState {
  private constructor(private state: RailAccountSnapshot) {}

  static rehydrate(snapshot: RailAccountSnapshot): RailAccountState {
    return new RailAccountState(snapshot);
  }

  snapshot(): RailAccountSnapshot {
    return this.state;
  }

  /**
   * Answers whether anything changed: the first reason stays, a second pause does not overwrite why it was
   * stopped.
   */
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

/** What neighbours see: no secret, no actor. */
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
