export * from './contract';
export { Connections } from './application/connections.facade';
export { ConnectionsModule } from './connections.module';
export { STRIPE_API_VERSION, StripeClients } from './infrastructure/stripe/stripe-clients';
export { readAtStripe } from './infrastructure/stripe/read-at-stripe';
export { connections } from './connections.definition';
