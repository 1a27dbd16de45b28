import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Simulation } from '../state/simulation';
import { onboard } from './onboarding';
import { ControlError, Operations } from './operations';
import { Records } from './records';
import type {
  AccountChange,
  AccountsGiven,
  BalanceGiven,
  DeliveryFaultMix,
  EndpointGiven,
  EventGiven,
  FaultDirective,
  FaultMix,
  FlushOrder,
  KeyState,
  PageRequest,
  PlatformGiven,
  RateLimits,
} from './types';

interface ControlRequest {
  readonly id: string;
  readonly query: URLSearchParams;
  readonly body: never;
}

type Operation = (request: ControlRequest) => unknown;
const DONE = { done: true };

function pageRequestOf(query: URLSearchParams): PageRequest {
  const number = (name: string): number | undefined => {
    const text = query.get(name);
    if (text === null) return undefined;
    if (!/^\d{1,12}$/.test(text)) throw new ControlError(`${name} must be a whole number`);
    return Number(text);
  };
  return { since: number('since'), limit: number('limit') };
}

/**
 * The control API under /_sim: JSON in and out. The same table serves a simulator in this process without a
 * socket.
 */
export class ControlRoutes {
  private readonly operations: Operations;
  private readonly records: Records;
  private readonly table: ReadonlyMap<string, Operation>;

  constructor(private readonly simulation: Simulation) {
    this.operations = new Operations(simulation);
    this.records = new Records(simulation);
    this.table = new Map([...this.stateTable(), ...this.faultTable(), ...this.recordTable()]);
  }

  /** Returns what the HTTP body would contain. */
  async dispatch(method: string, target: string, body: unknown): Promise<unknown> {
    const url = new URL(target, 'http://simulator.invalid');
    const [, , area = '', second = '', third = ''] = url.pathname.split('/');
    const named = this.table.get(
      `${method} ${[area, second, third].filter((part) => part !== '').join('/')}`,
    );
    const operation = named ?? this.table.get(`${method} ${area}/:id${third === '' ? '' : `/${third}`}`);
    if (operation === undefined) throw new ControlError(`no such control call: ${method} ${url.pathname}`);
    return (
      (await operation({
        id: decodeURIComponent(second),
        query: url.searchParams,
        body: (body ?? {}) as never,
      })) ?? DONE
    );
  }

  async handle(request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    const target = request.url ?? '/';
    if (request.method === 'GET' && target.startsWith('/_sim/onboarding/'))
      return onboard(this.simulation, target, response);
    try {
      const result = await this.dispatch(
        request.method ?? 'GET',
        target,
        body === '' ? undefined : (JSON.parse(body) as unknown),
      );
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(result));
    } catch (error) {
      const isCallers =
        error instanceof ControlError || error instanceof SyntaxError || error instanceof RangeError;
      const message = error instanceof Error ? error.message : String(error);
      response
        .writeHead(isCallers ? 400 : 500, { 'Content-Type': 'application/json' })
        .end(JSON.stringify({ error: message }));
    }
  }

  private stateTable(): [string, Operation][] {
    const { operations, simulation } = this;
    const typed =
      <T>(run: (body: T, id: string) => unknown): Operation =>
      ({ body, id }) =>
        run(body, id);
    return [
      ['GET health', () => operations.health()],
      ['POST reset', () => simulation.clear()],
      ['GET platforms', () => operations.listPlatforms()],
      ['POST platforms', typed<PlatformGiven>((given) => operations.registerPlatform(given))],
      [
        'POST platforms/:id/balance',
        typed<{ currency: string; balance: BalanceGiven }>((given, id) =>
          operations.setBalance(id, given.currency, given.balance),
        ),
      ],
      ['POST platforms/:id/limits', typed<RateLimits>((limits, id) => operations.setLimits(id, limits))],
      ['POST platforms/:id/webhooks', typed<EndpointGiven>((given, id) => operations.addEndpoint(id, given))],
      [
        'POST keys',
        typed<{ secret_key: string; state: KeyState }>((given) =>
          operations.setKeyState(given.secret_key, given.state),
        ),
      ],
      ['POST accounts', typed<AccountsGiven>((given) => ({ accounts: operations.createAccounts(given) }))],
      ['POST accounts/:id', typed<AccountChange>((change, id) => operations.changeAccount(id, change))],
      ['POST clock/advance', typed<{ ms: number }>(({ ms }) => operations.advanceClock(ms))],
      ['POST events', typed<EventGiven>((given) => operations.emitEvent(given))],
    ];
  }

  private faultTable(): [string, Operation][] {
    const { simulation } = this;
    const typed =
      <T>(run: (body: T) => unknown): Operation =>
      ({ body }) =>
        run(body);
    return [
      ['GET faults', () => simulation.faults.describe()],
      ['POST faults', typed<FaultMix>((mix) => simulation.faults.setMix(mix))],
      [
        'POST faults/script',
        typed<{ directives: FaultDirective[] }>(({ directives }) =>
          simulation.faults.addToScript(directives),
        ),
      ],
      ['POST faults/stop', () => simulation.faults.stop()],
      [
        'POST latency',
        typed<{ delay_ms: number }>(({ delay_ms: delayMs }) => void (simulation.delayMs = delayMs)),
      ],
      ['POST webhooks/pause', () => simulation.deliveries.pause()],
      ['POST webhooks/resume', () => simulation.deliveries.resume()],
      [
        'POST webhooks/flush',
        typed<{ order?: FlushOrder; seed?: string }>(async ({ order, seed }) => ({
          delivered: await simulation.deliveries.flush(order, seed),
        })),
      ],
      [
        'POST webhooks/faults',
        typed<{ mix: DeliveryFaultMix | null }>(({ mix }) => simulation.deliveries.setFaults(mix)),
      ],
    ];
  }

  private recordTable(): [string, Operation][] {
    return [
      ['GET log', ({ query }) => this.records.calls(pageRequestOf(query))],
      ['GET effects', ({ query }) => this.records.effects(pageRequestOf(query))],
      ['GET deliveries', ({ query }) => this.records.deliveries(pageRequestOf(query))],
      ['GET stats', () => this.simulation.stats],
    ];
  }
}
