import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../../kernel/tx';
import { AccessRevocation } from '../../access/application/access-revocation';
import { SessionStore } from './ports';

@Injectable()
export class EndSession {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly sessions: SessionStore,
    private readonly revocation: AccessRevocation,
  ) {}

  async execute(userId: string, sessionId: string): Promise<void> {
    await this.uow.runAcrossTenants(async (tx) => {
      await this.sessions.end(tx, sessionId);
      await this.revocation.bump(tx, userId);
    });
    await this.revocation.evict(userId);
  }
}
