import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { UnitOfWork } from '../../../../kernel/tx';
import { ApiProblems, CurrentPrincipal, type Principal } from '../../../../platform/http';
import { ApiKeyStore } from '../../application/ports';
import { ApiKeyUnknown } from '../../contract';
import { ApiKeySelfDto } from './api-key.dto';

@ApiTags('identity')
@Controller('api-keys')
export class ApiKeysController {
  constructor(
    private readonly uow: UnitOfWork,
    private readonly keys: ApiKeyStore,
  ) {}

  /** Needs no scope: whoever holds a key may know what it can do. */
  @Get('self')
  @ApiOperation({ summary: 'The key you are calling with' })
  @ApiOkResponse({ type: ApiKeySelfDto })
  @ApiProblems(401, [403, 'tenant_suspended'])
  async self(@CurrentPrincipal() { tenantId, id }: Principal): Promise<ApiKeySelfDto> {
    const key = await this.uow.run(tenantId, (tx) => this.keys.find(tx, tenantId, id), { readOnly: true });
    if (!key) throw new ApiKeyUnknown();
    return {
      id: key.id,
      name: key.name,
      prefix: key.prefix,
      scopes: [...key.scopes],
      tenant_id: key.tenantId,
      expires_at: key.expiresAt?.toISOString() ?? null,
      created_at: key.createdAt.toISOString(),
    };
  }
}
