import { Global, Module } from '@nestjs/common';
import { AuditExportController } from './audit-export.controller';
import { AuditLogController } from './audit-log.controller';
import { AuditTrail } from './audit-trail';
import { ExportAuditLog } from './export-audit-log.query';
import { ExportSlots } from './export-slots';
import { ListAuditLog } from './list-audit-log.query';
import { PostgresAuditTrail } from './postgres-audit-trail';

@Global()
@Module({
  controllers: [AuditLogController, AuditExportController],
  providers: [
    ListAuditLog,
    ExportAuditLog,
    ExportSlots,
    { provide: AuditTrail, useClass: PostgresAuditTrail },
  ],
  exports: [AuditTrail],
})
export class AuditModule {}
