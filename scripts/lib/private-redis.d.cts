export interface PrivateRedis {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  /** Starts the server again, on the port it had before `stop` or `kill`. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Kills the server the way a crash does; its data are lost. */
  kill(): Promise<void>;
}

export function startPrivateRedis(options?: { folder?: string }): Promise<PrivateRedis>;
