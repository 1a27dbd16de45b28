export { SettlementInvalid } from './errors';
export type { SettlementProblem, SettlementProblemCode } from './errors';
export { planComputed } from './plan-computed';
export { planGivenAwards } from './plan-given-awards';
export * from './settlement-plan';
