import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Environment } from '../../../../platform/config';
import { WakeUps } from '../../../../platform/queue';
import { Schedule } from '../../../../platform/schedule';
import { AdvanceSettlements } from '../../application/advance-settlements';
import { SETTLEMENTS_QUEUE } from '../../application/wake-up-key';

/** The longest wait of a stream whose wake-up was lost. */
const EVERY_MS = 30_000;
const CONCURRENCY = 2;

/** Advances streams and large cancellations: in a worker on a wake-up, otherwise on the schedule. */
@Injectable()
export class AdvanceSettlementsProcessor implements OnModuleInit {
  constructor(
    private readonly wakeUps: WakeUps,
    private readonly schedule: Schedule,
    private readonly environment: Environment,
    private readonly advanceSettlements: AdvanceSettlements,
  ) {}

  onModuleInit(): void {
    this.schedule.register({
      name: 'advance-settlements',
      everyMs: EVERY_MS,
      run: (scope) => this.advanceSettlements.execute(scope),
    });
    if (this.environment.has('worker'))
      this.wakeUps.consume(SETTLEMENTS_QUEUE, (key) => this.advanceSettlements.wake(key), {
        concurrency: CONCURRENCY,
      });
  }
}
