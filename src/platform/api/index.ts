export { ApiModule, type ApiSecrets } from './api.module';
