import { Controller, Get, Res } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../access';
import { Health, type HealthReport, type HealthStatus } from './health';
import type { PartStatus } from './probes';

class HealthDto implements HealthReport {
  @ApiProperty({ enum: ['healthy', 'degraded', 'unhealthy'] })
  status: HealthStatus;
  @ApiProperty({ enum: ['up', 'down'] })
  database: PartStatus;
  @ApiProperty({ enum: ['up', 'down', 'not_in_use'] })
  redis: PartStatus;
}

class ProbeDto {
  @ApiProperty({ enum: ['ok', 'not_ready'] })
  status: string;
}

/** For load balancers and people on call. Names no version and no address: anybody may ask. */
@Public()
@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(private readonly health: Health) {}

  @Get()
  @ApiOperation({ summary: 'Parts and their state' })
  @ApiOkResponse({ type: HealthDto })
  @ApiServiceUnavailableResponse({ type: HealthDto, description: 'degraded or unhealthy' })
  async whole(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthReport> {
    const report = await this.health.report();
    void reply.code(report.status === 'healthy' ? 200 : 503);
    return report;
  }

  @Get('live')
  @ApiOperation({ operationId: 'getLiveness', summary: 'The process answers; restart it when it does not' })
  @ApiOkResponse({ type: ProbeDto })
  live(): ProbeDto {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({
    operationId: 'getReadiness',
    summary: 'Send requests here; 503 while it stops or has no database',
  })
  @ApiOkResponse({ type: ProbeDto })
  @ApiServiceUnavailableResponse({ type: ProbeDto })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ProbeDto> {
    const ready = await this.health.isReady();
    void reply.code(ready ? 200 : 503);
    return { status: ready ? 'ok' : 'not_ready' };
  }
}
