import { Controller, Get, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { UnitOfWork } from '../../../../kernel/tx';
import { ApiPage, type Page, Pages } from '../../../../platform/pagination';
import { CurrentPrincipal, Scopes } from '../../../../platform/access';
import type { Principal } from '../../../../kernel/principal';
import { Ledger } from '../../application/ledger.facade';
import { ListAccounts } from '../../application/list-accounts.query';
import { ListEntries } from '../../application/list-entries.query';
import { AccountDto, AccountQueryDto } from './dto/account.dto';
import { EntryDto, EntryQueryDto } from './dto/entry.dto';
import { LedgerVerificationDto } from './dto/verification.dto';

@ApiTags('ledger')
@Scopes('ledger:read')
@Controller('ledger')
export class LedgerController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly ledger: Ledger,
    private readonly listAccounts: ListAccounts,
    private readonly listEntries: ListEntries,
    private readonly pages: Pages,
  ) {}

  @Get('accounts')
  @ApiOperation({
    operationId: 'listLedgerAccounts',
    summary: 'List ledger accounts with their balances, newest first',
  })
  @ApiPage(AccountDto)
  async accounts(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @Query() query: AccountQueryDto,
  ): Promise<Page<AccountDto>> {
    const window = this.pages.window(request, principal, query);
    const rows = await this.uow.run(
      principal.tenantId,
      (tx) =>
        this.listAccounts.execute(
          tx,
          { kind: query.kind, owner: query.owner, currency: query.currency },
          window,
        ),
      { readOnly: true },
    );
    return this.pages.page(
      request,
      principal,
      window,
      rows,
      (row) => [row.created_at_text, row.id],
      (row) => AccountDto.of(row),
    );
  }

  @Get('entries')
  @ApiOperation({
    operationId: 'listLedgerEntries',
    summary: 'List ledger entries with their postings, newest first',
    description:
      'Entries are never changed or deleted. A posting moves its amount from one account to the other.',
  })
  @ApiPage(EntryDto)
  async entries(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @Query() query: EntryQueryDto,
  ): Promise<Page<EntryDto>> {
    const window = this.pages.window(request, principal, query);
    const rows = await this.uow.run(
      principal.tenantId,
      (tx) =>
        this.listEntries.execute(
          tx,
          { reference: query.reference, kind: query.kind, account: query.account },
          window,
        ),
      { readOnly: true },
    );
    return this.pages.page(
      request,
      principal,
      window,
      rows,
      (row) => [row.id],
      (row) => EntryDto.of(row),
    );
  }

  @Get('verify')
  @ApiOperation({
    operationId: 'verifyLedger',
    summary: 'Verify the ledger',
    description:
      'Compares balances with postings, entries with their content hash, the sum per currency with ' +
      'zero, and reserved balances with open transfers. Reads the whole ledger: do not poll it.',
  })
  @ApiOkResponse({ type: LedgerVerificationDto })
  async verify(@CurrentPrincipal() principal: Principal): Promise<LedgerVerificationDto> {
    return LedgerVerificationDto.of(
      await this.uow.run(principal.tenantId, (tx) => this.ledger.verify(tx), { readOnly: true }),
    );
  }
}
