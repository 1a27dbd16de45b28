export * from './contract';
export { Recipients } from './application/recipients.facade';
export { RecipientsModule } from './recipients.module';
export { recipients } from './recipients.definition';
