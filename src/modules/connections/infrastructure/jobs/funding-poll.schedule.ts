import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Environment } from '../../../../platform/config';
import { Schedule } from '../../../../platform/schedule';
import { PollFunding } from '../../application/poll-funding';

@Injectable()
export class FundingPollSchedule implements OnModuleInit {
  constructor(
    private readonly schedule: Schedule,
    private readonly environment: Environment,
    private readonly polling: PollFunding,
  ) {}

  onModuleInit(): void {
    this.schedule.register({
      name: 'funding-poll',
      everyMs: this.environment.fundingPollEveryMs,
      run: (scope) => this.polling.run(scope),
    });
  }
}
