import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Environment } from '../../../../platform/config';
import { Schedule } from '../../../../platform/schedule';
import { CompletePayoutJobs } from '../../application/complete-payout-jobs';
import { ExpandSettlements } from '../../application/expand-settlements';

/** Schedules the expansion of recorded settlements and the check of payout jobs. */
@Injectable()
export class ExpandSettlementsSchedule implements OnModuleInit {
  constructor(
    private readonly schedule: Schedule,
    private readonly environment: Environment,
    private readonly expandSettlements: ExpandSettlements,
    private readonly completePayoutJobs: CompletePayoutJobs,
  ) {}

  onModuleInit(): void {
    const everyMs = this.environment.settlementExpandEveryMs;
    this.schedule.register({
      name: 'expand-settlements',
      everyMs,
      run: (scope) => this.expandSettlements.execute(scope),
    });
    this.schedule.register({
      name: 'complete-payout-jobs',
      everyMs,
      run: (scope) => this.completePayoutJobs.execute(scope),
    });
  }
}
