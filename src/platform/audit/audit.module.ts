import { Global, Module } from '@nestjs/common';
import { AuditTrail } from './audit-trail';
import { SqlAuditTrail } from './sql-audit-trail';

@Global()
@Module({ providers: [{ provide: AuditTrail, useClass: SqlAuditTrail }], exports: [AuditTrail] })
export class AuditModule {}
