import { Global, Module } from '@nestjs/common';
import { AuditLogController } from './audit-log.controller';
import { AuditTrail } from './audit-trail';
import { ListAuditLog } from './list-audit-log.query';
import { SqlAuditTrail } from './sql-audit-trail';

@Global()
@Module({ controllers: [AuditLogController], providers: [ListAuditLog, { provide: AuditTrail, useClass: SqlAuditTrail }], exports: [AuditTrail] })
export class AuditModule {}
