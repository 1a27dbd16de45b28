export { OperationsModule } from './operations.module';
export { operations } from './operations.definition';
