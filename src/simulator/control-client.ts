import { SimulatorControl } from './control/simulator-control';

/** Controls a simulator that runs as another process. */
export class SimulatorClient extends SimulatorControl {
  constructor(override readonly url: string) {
    super();
  }

  protected async call(method: 'GET' | 'POST', target: string, body?: unknown): Promise<unknown> {
    const response = await fetch(new URL(target, this.url), {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });
    const result: unknown = await response.json();
    if (!response.ok)
      throw new Error(`the simulator rejected ${method} ${target}: ${(result as { error: string }).error}`);
    return result;
  }
}
