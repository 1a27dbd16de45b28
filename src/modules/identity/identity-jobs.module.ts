import { Module } from '@nestjs/common';
import { EndedAccessStore } from './application/people.ports';
import { PurgeEndedAccess } from './application/purge-ended-access';
import { PurgeEndedAccessSchedule } from './infrastructure/jobs/purge-ended-access.schedule';
import { PostgresEndedAccessStore } from './infrastructure/persistence/postgres-ended-access-store';

/** Apart from IdentityModule, which the command line has too: it has no schedule. */
@Module({
  providers: [
    PurgeEndedAccess,
    PurgeEndedAccessSchedule,
    { provide: EndedAccessStore, useClass: PostgresEndedAccessStore },
  ],
})
export class IdentityJobsModule {}
