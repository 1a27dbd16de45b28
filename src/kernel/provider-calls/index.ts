export * from './call-outcome';
export * from './provider-call';
