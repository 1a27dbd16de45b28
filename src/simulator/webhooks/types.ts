export const DELIVERY_FAULTS = [
  'duplicated',
  'reordered',
  'delayed',
  'dropped',
  'forged',
  'altered',
  'old_timestamp',
] as const;
export type DeliveryFault = (typeof DELIVERY_FAULTS)[number];

/** Deliveries whose signature must not be accepted. They come before the true one and do not replace it. */
export const BAD_DELIVERIES: ReadonlySet<DeliveryFault> = new Set<DeliveryFault>([
  'forged',
  'altered',
  'old_timestamp',
]);

export interface DeliveryFaultMix {
  /** Default: the seed the simulator was started with. */
  readonly seed?: string;
  /** Chance of each fault per event and endpoint. */
  readonly rates: Partial<Record<DeliveryFault, number>>;
  /** Only these event types; default all. */
  readonly types?: readonly string[];
  /** How many times a duplicated event is delivered in total. Default 2. */
  readonly copies?: number;
  /** How long a delayed event waits. Default 1000. */
  readonly delay_ms?: number;
  /** Window within which reordered events change places. Default 200. */
  readonly window_ms?: number;
}

export interface DeliveryRecord {
  readonly seq: number;
  readonly at_ms: number;
  readonly event_id: string;
  readonly event_type: string;
  readonly object_id: string;
  readonly platform: string;
  readonly endpoint: string;
  readonly url: string;
  /** The try of this copy, from 1. */
  readonly attempt: number;
  readonly fault: DeliveryFault | null;
  /** Null when there was no response. */
  status: number | null;
  error: string | null;
}
