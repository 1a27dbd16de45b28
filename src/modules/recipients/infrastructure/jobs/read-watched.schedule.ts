import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Schedule } from '../../../../platform/schedule';
import { READ_WATCHED_EVERY_MS, ReadWatched } from '../../application/read-watched';

@Injectable()
export class ReadWatchedSchedule implements OnModuleInit {
  constructor(
    private readonly schedule: Schedule,
    private readonly readWatched: ReadWatched,
  ) {}

  onModuleInit(): void {
    this.schedule.register({
      name: 'recipient-capabilities',
      everyMs: READ_WATCHED_EVERY_MS,
      run: (scope) => this.readWatched.execute(scope),
    });
  }
}
