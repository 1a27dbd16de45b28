import { createServer, connect, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/**
 * What a client sends to commit, and what the server says when it has, as PostgreSQL's protocol writes texts.
 */
const COMMIT = Buffer.from('COMMIT\0');
/** First byte of a simple query. */
const QUERY = 'Q'.charCodeAt(0);

/**
 * A proxy between a process and PostgreSQL. Armed, it forwards the next COMMIT, waits until the server has
 * executed it, and closes the connection instead of forwarding the response: the client cannot know the outcome.
 */
export class CommitCutter {
  /** How many replies to COMMIT were swallowed. */
  cuts = 0;
  private readonly sockets = new Set<Socket>();
  private readonly upstream = new Set<Socket>();
  private wanted: { fits: (statements: string) => boolean; then: () => void } | null = null;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    server.on('connection', (client) => this.relay(client));
  }

  static async before(databaseUrl: string): Promise<CommitCutter> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new CommitCutter(server, new URL(databaseUrl));
  }

  /** The same database, through here. */
  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as { port: number }).port);
    return url.toString();
  }

  /** The client ports of the sessions through this proxy (pg_stat_activity.client_port). */
  get ports(): number[] {
    return [...this.upstream].map(({ localPort }) => localPort ?? 0);
  }

  /**
   * Cuts the COMMIT of the next transaction whose statements fit; `then` happens before the client can
   * notice.
   */
  cutCommitOf(fits: (statements: string) => boolean, then: () => void = () => undefined): void {
    this.wanted = { fits, then };
  }

  async close(): Promise<void> {
    this.sockets.forEach((socket) => socket.destroy());
    this.server.close();
    await once(this.server, 'close');
  }

  private relay(client: Socket): void {
    const server = connect({ host: this.target.hostname, port: Number(this.target.port || 5432) });
    this.upstream.add(server);
    const end = (): void => {
      this.upstream.delete(server);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket
        .setNoDelay(true)
        .on('error', end)
        .on('close', () => {
          this.sockets.delete(socket);
          end();
        });
    }
    let statements = '';
    let doom: (() => void) | null = null;
    let unsaid = Buffer.alloc(0);
    const sent = messages((message) => {
      statements += message.toString('latin1');
      if (!isCommit(message)) return;
      if (this.wanted?.fits(statements)) [doom, this.wanted] = [this.wanted.then, null];
      statements = '';
    });
    client.on('data', (bytes) => {
      sent(bytes);
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (!doom) return void client.write(bytes);
      unsaid = Buffer.concat([unsaid, bytes]);
      if (!unsaid.includes(COMMIT)) return;
      this.cuts += 1;
      doom();
      end();
    });
  }
}

/** Several messages may arrive in one chunk, or one in several. The first has no type. */
function messages(each: (message: Buffer) => void): (bytes: Buffer) => void {
  let rest = Buffer.alloc(0);
  let typed = 0;
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= typed + 4) {
      const length = typed + rest.readInt32BE(typed);
      if (rest.length < length) return;
      each(rest.subarray(0, length));
      rest = rest.subarray(length);
      typed = 1;
    }
  };
}

function isCommit(message: Buffer): boolean {
  return message[0] === QUERY && message.subarray(5).equals(COMMIT);
}
