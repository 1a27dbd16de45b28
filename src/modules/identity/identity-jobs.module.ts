import { Module } from '@nestjs/common';
import { EndedAccessStore } from './accounts/application/ports';
import { PurgeEndedAccess } from './accounts/application/purge-ended-access';
import { PurgeEndedAccessSchedule } from './accounts/infrastructure/jobs/purge-ended-access.schedule';
import { PostgresEndedAccessStore } from './accounts/infrastructure/persistence/postgres-ended-access-store';

/** Separate from IdentityModule, which the command line uses too, without schedules. */
@Module({
  providers: [
    PurgeEndedAccess,
    PurgeEndedAccessSchedule,
    { provide: EndedAccessStore, useClass: PostgresEndedAccessStore },
  ],
})
export class IdentityJobsModule {}
