import type { LookupAddress, LookupOptions } from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { Agent, buildConnector } from 'undici';

/** No word on which address it was: that would tell what a name resolves to inside our network. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress';

  constructor() {
    super('its address is not one of the public internet');
  }
}

export interface AddressGuard {
  readonly isAllowed: (address: string) => boolean;
  readonly lookup: (
    hostname: string,
    options: LookupOptions & { all: true },
    callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
  ) => void;
}

/** Connects to allowed addresses alone. */
export function createGuardedDispatcher({ isAllowed, lookup }: AddressGuard): Agent {
  /** Node connects to what this gives, and resolves nothing again. One bad address among good ones is a trick: none is taken. */
  const guardedLookup: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      const isClean = first !== undefined && addresses.every(({ address }) => isAllowed(address));
      if (error || !isClean) callback(error ?? new ForbiddenAddress(), '');
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
  const connect = buildConnector({ lookup: guardedLookup, allowH2: false });

  return new Agent({
    connect: (options, callback) => {
      // Node looks no literal address up.
      if (isIP(options.hostname) !== 0 && !isAllowed(options.hostname)) {
        callback(new ForbiddenAddress(), null);
        return;
      }
      connect(options, (...[error, socket]) => {
        if (error || !socket) return callback(error ?? new ForbiddenAddress(), null);
        if (isAllowed(addressOf(socket))) return callback(null, socket);
        socket.destroy();
        callback(new ForbiddenAddress(), null);
      });
    },
  });
}

const addressOf = (socket: Pick<Socket, 'remoteAddress'>): string => socket.remoteAddress ?? '';
