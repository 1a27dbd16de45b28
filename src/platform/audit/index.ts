export { AuditModule } from './audit.module';
export { AuditTrail, type AuditRecord } from './audit-trail';
