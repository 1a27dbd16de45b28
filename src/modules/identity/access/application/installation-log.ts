import type { Tx } from '../../../../kernel/tx';
import type { Actor } from '../../../../kernel/actor';
import type { PageWindow } from '../../../../kernel/page-window';

export interface InstallationRecord {
  readonly id: string;
  readonly at: Date;
  readonly action: string;
  readonly actor: Actor;
  readonly userId: string;
}

export interface InstallationFilters {
  readonly userId: string | undefined;
  readonly actorId: string | undefined;
}

/**
 * What was done to people at the level of the installation, by whom; written with the deed, never changed.
 * Everything here runs as the system.
 */
export abstract class InstallationLog {
  abstract add(tx: Tx, by: Actor, action: string, userId: string): Promise<void>;
  abstract list(tx: Tx, filters: InstallationFilters, window: PageWindow): Promise<InstallationRecord[]>;
}
