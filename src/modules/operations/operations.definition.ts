import { defineModule } from '../../platform/module';
import { OperationsModule } from './operations.module';

export const operations = defineModule({
  name: 'operations',
  nestModules: [OperationsModule],
  scopes: {
    'operations:read': ['operator', 'analyst'],
    'operations:run': ['operator'],
  },
  auditedRoutes: {
    'POST /operations/scheduler/run': ['scheduler_run.started'],
  },
});
