import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Environment } from '../../../../platform/config';
import { Schedule } from '../../../../platform/schedule';
import { PollFunding } from '../../application/poll-funding';

@Injectable()
export class FundingPollSchedule implements OnModuleInit {
  constructor(
    private readonly schedule: Schedule,
    private readonly environment: Environment,
    private readonly pollFunding: PollFunding,
  ) {}

  onModuleInit(): void {
    this.schedule.register({
      name: 'funding-poll',
      everyMs: this.environment.fundingPollEveryMs,
      run: (scope) => this.pollFunding.execute(scope),
    });
  }
}
