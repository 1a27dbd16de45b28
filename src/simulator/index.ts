export { SimulatorClient } from './control-client';
export { SimulatorControl } from './control/simulator-control';
export type * from './control/types';
export { ALL_FAULT_KINDS, FAULT_KINDS } from './faults/kinds';
export type { Outcome } from './log';
export type { SimulatorOptions } from './options';
export { createSimulator, Simulator, startSimulator } from './simulator';
export type { NotYetListening } from './simulator';
