export { AuditModule } from './audit.module';
export { AuditTrail, type Audited, type AuditRecord } from './audit-trail';
export { insertRecords } from './audit-log.sql';
export { whatChanged } from './what-changed';
