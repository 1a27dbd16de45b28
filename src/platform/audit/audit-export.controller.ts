import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { UnitOfWork } from '../../kernel/tx';
import { ApiProblems, CurrentPrincipal, Feature, Scopes, type Principal } from '../http';
import { AuditFiltersDto, filtersOf } from './audit-log.controller';
import { CSV_EXAMPLE, EXPORT_MAX, ExportAuditLog } from './export-audit-log.query';

@ApiTags('audit')
@Controller('audit-log/export')
export class AuditExportController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly csv: ExportAuditLog,
  ) {}

  @Get()
  @Scopes('audit:read')
  @Feature('audit_export')
  @Header('Content-Type', 'text/csv; charset=utf-8')
  @Header('Content-Disposition', 'attachment; filename="audit-log.csv"')
  @ApiOperation({
    summary: 'Who did what, as a CSV file',
    description: `Newest first, at most ${EXPORT_MAX} records: narrow more by \`at[gte]\` and \`at[lte]\`. A value that a spreadsheet would take for a formula begins with an apostrophe.`,
  })
  @ApiOkResponse({ content: { 'text/csv': { schema: { type: 'string', example: CSV_EXAMPLE } } } })
  @ApiProblems([422, 'validation_failed', 'export_too_large'])
  all(@CurrentPrincipal() principal: Principal, @Query() query: AuditFiltersDto): Promise<string> {
    const filters = filtersOf(query);
    return this.uow.run(principal.tenantId, (tx) => this.csv.run(tx, filters), { readOnly: true });
  }
}
