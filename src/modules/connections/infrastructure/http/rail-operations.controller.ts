import { Body, Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../../../kernel/actor';
import { ApiProblems, IdPipe } from '../../../../platform/http';
import { AuthorizedTransaction, CurrentActor, CurrentPrincipal, Scopes } from '../../../../platform/access';
import { Idempotency, type IdempotentResponse, IdempotentRoute } from '../../../../platform/idempotency';
import type { Principal } from '../../../../kernel/principal';
import { PauseRailAccount } from '../../application/pause-rail-account';
import { RecordOperatorFunding } from '../../application/record-operator-funding';
import { FundingFactDto, RecordFundingDto } from './dto/funding-fact.dto';
import { RailAccountDto, PauseReasonDto } from './dto/rail-account.dto';

@ApiTags('operations')
@Controller('operations')
export class RailOperationsController {
  constructor(
    private readonly writes: AuthorizedTransaction,
    private readonly pauseRailAccount: PauseRailAccount,
    private readonly recordOperatorFunding: RecordOperatorFunding,
    private readonly idempotency: Idempotency,
  ) {}

  @Post('rail-accounts/:id/pause')
  @HttpCode(200)
  @Scopes('operations:run')
  @ApiOperation({
    summary: 'Pause a rail account',
    description:
      'No new transfers are sent; those that are being sent are completed. A repeat does not change the reason.',
  })
  @ApiOkResponse({ type: RailAccountDto })
  @ApiProblems([404, 'rail_account_not_found'], 422)
  async pause(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() body: PauseReasonDto,
  ): Promise<RailAccountDto> {
    return RailAccountDto.of(
      await this.writes.run(request, principal, (tx) =>
        this.pauseRailAccount.pause(tx, id, body.reason, actor),
      ),
    );
  }

  @Post('rail-accounts/:id/resume')
  @HttpCode(200)
  @Scopes('operations:run')
  @ApiOperation({ summary: 'Resume a rail account' })
  @ApiOkResponse({ type: RailAccountDto })
  @ApiProblems([404, 'rail_account_not_found'], 422)
  async resume(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Param('id', IdPipe) id: string,
    @Body() body: PauseReasonDto,
  ): Promise<RailAccountDto> {
    return RailAccountDto.of(
      await this.writes.run(request, principal, (tx) =>
        this.pauseRailAccount.resume(tx, id, body.reason, actor),
      ),
    );
  }

  @Post('funding-facts')
  @IdempotentRoute({ required: true })
  @Scopes('operations:run')
  @ApiOperation({
    summary: 'Record money that was added or withdrawn',
    description: 'For movements that the provider does not report. A reference is accepted once per account.',
  })
  @ApiCreatedResponse({ type: FundingFactDto })
  @ApiProblems(
    [404, 'rail_account_not_found'],
    [409, 'funding_fact_exists'],
    [422, 'validation_failed', 'invalid_amount', 'invalid_currency'],
  )
  record(
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
    @CurrentActor() actor: Actor,
    @Body() body: RecordFundingDto,
  ): Promise<IdempotentResponse> {
    return this.idempotency.execute(request, principal, async (tx) => {
      const { rail_account_id: railAccountId, ...rest } = body;
      return {
        status: 201,
        body: FundingFactDto.of(
          await this.recordOperatorFunding.execute(tx, { ...rest, railAccountId, actor }),
        ),
      };
    });
  }
}
