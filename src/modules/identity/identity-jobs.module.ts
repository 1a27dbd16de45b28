import { Module } from '@nestjs/common';
import { EndedAccessStore } from './accounts/application/ports';
import { PurgeEndedAccess } from './accounts/application/purge-ended-access';
import { PurgeEndedAccessSchedule } from './accounts/infrastructure/jobs/purge-ended-access.schedule';
import { PostgresEndedAccessStore } from './accounts/infrastructure/persistence/postgres-ended-access-store';

/** Apart from IdentityModule, which the command line has too: it has no schedule. */
@Module({
  providers: [
    PurgeEndedAccess,
    PurgeEndedAccessSchedule,
    { provide: EndedAccessStore, useClass: PostgresEndedAccessStore },
  ],
})
export class IdentityJobsModule {}
