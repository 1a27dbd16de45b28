import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Schedule } from '../../../../platform/schedule';
import { TakeCheckpoints } from '../../application/take-checkpoints';

const EVERY_MS = 60_000;

@Injectable()
export class LedgerCheckpoints implements OnModuleInit {
  constructor(
    private readonly schedule: Schedule,
    private readonly checkpoints: TakeCheckpoints,
  ) {}

  onModuleInit(): void {
    this.schedule.register({
      name: 'ledger-checkpoints',
      everyMs: EVERY_MS,
      run: (scope) => this.checkpoints.execute(scope),
    });
  }
}
