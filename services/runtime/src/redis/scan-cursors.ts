/** As ioredis has it; told each time a connection is lost. */
interface Connection {
  on(event: 'close', listener: () => void): unknown;
}

interface OpenCursor {
  /** For the server. */
  readonly cursor: string;
  /** It came over another connection, so the server is asked from the start. */
  readonly foreign: boolean;
  /** Names this connection in the cursor that the server answers. */
  readonly next: (cursor: string) => string;
}

/**
 * A cursor of SCAN means something only to the server that gave it: another, after a failover or a restart, has its keys in other
 * places, and would leave some out. So each cursor names the connection that it came over. Losses are counted and not new
 * connections, as a loss is told long before the next connection takes a command.
 */
export class ScanCursors {
  #losses = 0;

  constructor(connection: Connection) {
    connection.on('close', () => {
      this.#losses += 1;
    });
  }

  /** '0' begins a walk. */
  open(cursor: string): OpenCursor {
    const losses = this.#losses;
    const [of, rest = '0'] = cursor.split(':');
    const foreign = cursor !== '0' && Number(of) !== losses;
    return {
      cursor: foreign ? '0' : rest,
      foreign,
      next: (given) => (given === '0' ? given : `${losses}:${given}`),
    };
  }
}
