export * from './contract';
export { Recipients } from './application/recipients.facade';
export { RecipientsModule } from './recipients.module';
export { RecipientRow } from './infrastructure/persistence/recipient.row';
