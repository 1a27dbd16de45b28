import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface MetricOptions<L extends string> {
  /** `disburse_<what>_<unit>`; counters end in `_total`. */
  readonly name: string;
  readonly help: string;
  /** Labels take few, known values: never an id. */
  readonly labels?: readonly L[];
}

/**
 * The figures of one process. Asking for a metric twice answers the same one, so that its users need not
 * share it.
 */
export class Metrics {
  readonly registry = new Registry();

  counter<L extends string = never>(o: MetricOptions<L>): Counter<L> {
    return this.known<Counter<L>>(o.name) ?? new Counter({ ...common(o), registers: [this.registry] });
  }

  /** `collect` sets the value when the metrics are read. */
  gauge<L extends string = never>(
    o: MetricOptions<L> & { readonly collect?: (this: Gauge<L>) => void | Promise<void> },
  ): Gauge<L> {
    return (
      this.known<Gauge<L>>(o.name) ??
      new Gauge({ ...common(o), collect: o.collect, registers: [this.registry] })
    );
  }

  histogram<L extends string = never>(
    o: MetricOptions<L> & { readonly buckets: readonly number[] },
  ): Histogram<L> {
    return (
      this.known<Histogram<L>>(o.name) ??
      new Histogram({ ...common(o), buckets: [...o.buckets], registers: [this.registry] })
    );
  }

  /** Memory, event loop, handles of this process. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  private known<M>(name: string): M | undefined {
    return this.registry.getSingleMetric(name) as M | undefined;
  }
}

function common<L extends string>(o: MetricOptions<L>) {
  return { name: o.name, help: o.help, labelNames: [...(o.labels ?? [])] };
}
