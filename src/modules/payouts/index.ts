export * from './contract';
export { PayoutsModule } from './payouts.module';
export { payouts } from './payouts.definition';
