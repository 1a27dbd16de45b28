import { Global, Module } from '@nestjs/common';
import { AuditExportController } from './audit-export.controller';
import { AuditLogController } from './audit-log.controller';
import { AuditTrail } from './audit-trail';
import { ExportAuditLog } from './export-audit-log.query';
import { ExportPlaces } from './export-places';
import { ListAuditLog } from './list-audit-log.query';
import { SqlAuditTrail } from './sql-audit-trail';

@Global()
@Module({
  controllers: [AuditLogController, AuditExportController],
  providers: [ListAuditLog, ExportAuditLog, ExportPlaces, { provide: AuditTrail, useClass: SqlAuditTrail }],
  exports: [AuditTrail],
})
export class AuditModule {}
