import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../kernel/actor';
import { newId } from '../../../kernel/ids';
import { UnitOfWork, type Tx } from '../../../kernel/tx';
import { AuditTrail } from '../../../platform/audit';
import { Schedule } from '../../../platform/schedule';

/** Records that an operator starts scheduled jobs for one tenant. The jobs run in transactions of their own. */
@Injectable()
export class StartSchedulerRun {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly schedule: Schedule,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * @returns the jobs to be run
   * @throws UnknownJob
   */
  async execute(
    tx: Tx,
    names: readonly string[] | undefined,
    actor: Actor,
  ): Promise<{ id: string; jobs: string[] }> {
    const id = newId();
    const jobs = this.schedule.chosen(names, this.uow.tenantOf(tx));
    await this.audit.record(tx, actor, {
      action: 'scheduler_run.started',
      entity: { kind: 'scheduler_run', id },
      after: { jobs },
    });
    return { id, jobs };
  }
}
