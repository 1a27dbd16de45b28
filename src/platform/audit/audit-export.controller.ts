import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { UnitOfWork } from '../../kernel/tx';
import { ApiProblems } from '../http';
import { CurrentPrincipal, Feature, Scopes } from '../access';
import type { Principal } from '../../kernel/principal';
import { AuditFiltersDto, filtersOf } from './audit-log.controller';
import { EXPORTS_MAX, ExportSlots, READING_MAX_MS } from './export-slots';
import { CSV_EXAMPLE, EXPORT_BYTES_MAX, EXPORT_MAX, ExportAuditLog } from './export-audit-log.query';

@ApiTags('audit')
@Controller('audit-log/export')
export class AuditExportController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly csv: ExportAuditLog,
    private readonly places: ExportSlots,
  ) {}

  @Get()
  @Scopes('audit:read')
  @Feature('audit_export')
  @ApiOperation({
    operationId: 'exportAuditLog',
    summary: 'Who did what, as a CSV file',
    description: `Newest first, at most ${EXPORT_MAX} records and ${EXPORT_BYTES_MAX / 1_048_576} MiB: narrow more by \`at[gte]\` and \`at[lte]\`. A value that a spreadsheet would take for a formula begins with an apostrophe. A process makes one at a time for a tenant, and ${EXPORTS_MAX} in all; each has ${READING_MAX_MS / 60_000} minutes to be read.`,
  })
  @ApiOkResponse({ content: { 'text/csv': { schema: { type: 'string', example: CSV_EXAMPLE } } } })
  @ApiProblems([422, 'validation_failed', 'export_too_large'], [503, 'exports_busy'])
  async all(
    @CurrentPrincipal() principal: Principal,
    @Query() query: AuditFiltersDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const filters = filtersOf(query);
    const file = await this.places.make(
      principal.tenantId,
      [reply.raw, reply.request.raw.socket],
      (assertWanted) =>
        this.uow.run(principal.tenantId, (tx) => this.csv.run(tx, filters, { assertWanted }), {
          readOnly: true,
        }),
    );
    // Not before it is there: a refusal must not be saved as the file.
    void reply.headers({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="audit-log.csv"',
    });
    return file;
  }
}
