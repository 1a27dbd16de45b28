import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Schedule } from '../../../../../platform/schedule';
import { PurgeEndedAccess } from '../../application/purge-ended-access';

const EVERY_MS = 3_600_000;

@Injectable()
export class PurgeEndedAccessSchedule implements OnModuleInit {
  constructor(
    private readonly schedule: Schedule,
    private readonly purge: PurgeEndedAccess,
  ) {}

  onModuleInit(): void {
    this.schedule.register({
      name: 'purge-ended-access',
      everyMs: EVERY_MS,
      ofInstallation: true,
      run: () => this.purge.execute(),
    });
  }
}
