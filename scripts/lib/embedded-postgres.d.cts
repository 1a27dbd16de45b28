export interface EmbeddedPostgresOptions {
  /** Folder under the data root; `postgres` unless given. */
  name?: string;
  /**
   * The folder of the data, instead of one under the data root. As root it must be a folder that an unprivileged
   * user can enter.
   */
  dataDir?: string;
  /** A free port unless given. */
  port?: number;
  /** Server settings, such as `{ fsync: 'off', max_connections: 50 }`. */
  settings?: Readonly<Record<string, string | number>>;
}

export interface EmbeddedPostgres {
  readonly pid: number;
  readonly port: number;
  readonly dataDir: string;
  /** The superuser's connection URL of the database `postgres`. */
  readonly adminUrl: string;
  stop(mode?: 'smart' | 'fast' | 'immediate'): Promise<void>;
  /** Kills the postmaster the way a crash does. */
  kill9(): Promise<void>;
  /** Starts again on the same port and data, after `kill9` or while running. */
  restart(): Promise<void>;
}

export function startEmbeddedPostgres(options?: EmbeddedPostgresOptions): Promise<EmbeddedPostgres>;
