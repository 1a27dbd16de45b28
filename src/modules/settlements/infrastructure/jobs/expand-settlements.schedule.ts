import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Environment } from '../../../../platform/config';
import { Schedule } from '../../../../platform/schedule';
import { CompletePayoutJob } from '../../application/complete-payout-job';
import { ExpandSettlements } from '../../application/expand-settlements';

/**
 * Turns recorded settlements into transfers without a person, and looks whether jobs have come to their end.
 */
@Injectable()
export class ExpandSettlementsSchedule implements OnModuleInit {
  constructor(
    private readonly schedule: Schedule,
    private readonly environment: Environment,
    private readonly expandSettlements: ExpandSettlements,
    private readonly completePayoutJob: CompletePayoutJob,
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
      run: (scope) => this.completePayoutJob.execute(scope),
    });
  }
}
