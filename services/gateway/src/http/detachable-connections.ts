import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/**
 * From now on a handler of `server` can take the connection of its request away from it (`detach`). For as long as a connection is
 * HTTP's, Node keeps a parser of 7 KB and both messages, and a framework what it has around them: 25 KB together, which thousands of
 * streams that hardly ever say anything need not cost. Handing it any Duplex as a connection is what `http.Server` documents.
 */
export function makeConnectionsDetachable(server: Server): void {
  for (const accept of server.listeners('connection')) {
    server.off('connection', accept as (socket: Socket) => void);
    server.on('connection', (socket) => accept.call(server, new DetachableConnection(socket)));
  }
}

type Callback = (error?: Error | null) => void;

/** A connection as HTTP sees it. */
export class DetachableConnection extends Duplex {
  readonly #socket: Socket;
  #isDetached = false;
  readonly #onData = (chunk: Buffer) => void (this.push(chunk) || this.#socket.pause());
  readonly #onEnd = () => void this.push(null);
  readonly #onError = (error: Error) => void this.destroy(error);
  readonly #onTimeout = () => void this.emit('timeout');
  readonly #onClose = () => void this.destroy();

  constructor(socket: Socket) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    socket.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onError);
    socket.on('timeout', this.#onTimeout).on('close', this.#onClose);
  }

  /** For HTTP the connection ends here, and all that it keeps is free. Gives what was below, with nobody listening. */
  detach(): Socket {
    const socket = this.#socket;
    this.#isDetached = true;
    socket.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onError);
    socket.off('timeout', this.#onTimeout).off('close', this.#onClose);
    this.destroy();
    return socket;
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.#socket.remotePort;
  }

  setTimeout(ms: number, onTimeout?: () => void): this {
    this.#socket.setTimeout(ms);
    if (onTimeout) this.once('timeout', onTimeout);
    return this;
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, callback: Callback): void {
    this.#socket.write(chunk, encoding, callback);
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], callback: Callback): void {
    this.#socket.cork();
    chunks.forEach(({ chunk, encoding }, index) => {
      this.#socket.write(chunk, encoding, index === chunks.length - 1 ? callback : undefined);
    });
    this.#socket.uncork();
  }

  override _final(callback: Callback): void {
    this.#socket.end(() => callback());
  }

  override _destroy(error: Error | null, callback: Callback): void {
    if (!this.#isDetached) this.#socket.destroy();
    callback(error);
  }
}
