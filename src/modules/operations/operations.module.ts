import { Module } from '@nestjs/common';
import { ConnectionsModule } from '../connections';
import { SettlementsModule } from '../settlements';
import { TransfersModule } from '../transfers';
import { ShowFunding } from './application/show-funding.query';
import { StartSchedulerRun } from './application/start-scheduler-run';
import { OperationsController } from './infrastructure/http/operations.controller';
import { PurgeIdempotencyKeys } from './infrastructure/jobs/purge-idempotency-keys.schedule';

@Module({
  imports: [ConnectionsModule, SettlementsModule, TransfersModule],
  controllers: [OperationsController],
  providers: [PurgeIdempotencyKeys, ShowFunding, StartSchedulerRun],
})
export class OperationsModule {}
