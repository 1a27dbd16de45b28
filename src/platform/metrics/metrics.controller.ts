import { Controller, Get, Header, Headers, NotFoundException, UnauthorizedException } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Environment } from '../config';
import { equalInConstantTime } from '../crypto';
import { Public } from '../access/decorators';
import { Metrics } from './metrics';

/**
 * For Prometheus. Figures of a business are its own affair: in production they want a token, or stay closed.
 */
@Controller('metrics')
@ApiExcludeController()
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    private readonly environment: Environment,
  ) {}

  @Get()
  @Public()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('cache-control', 'no-store')
  async read(@Headers('authorization') authorization?: string): Promise<string> {
    const { metricsToken, isProduction } = this.environment;
    if (!metricsToken && isProduction) throw new NotFoundException();
    if (metricsToken && !equalInConstantTime(authorization ?? '', `Bearer ${metricsToken}`))
      throw new UnauthorizedException();
    return this.metrics.registry.metrics();
  }
}
