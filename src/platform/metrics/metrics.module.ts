import { Global, Module } from '@nestjs/common';
import { Metrics } from './metrics';
import { MetricsController } from './metrics.controller';

@Global()
@Module({
  controllers: [MetricsController],
  providers: [
    {
      provide: Metrics,
      useFactory: () => {
        const metrics = new Metrics();
        metrics.watchProcess();
        return metrics;
      },
    },
  ],
  exports: [Metrics],
})
export class MetricsModule {}
