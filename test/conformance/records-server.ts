import type { RecordCommands } from '@tickwork/runtime/redis/scripts';

/** A server with the records' scripts, and by hand what only time or a fault would bring about. Keys are whole keys. */
export interface RecordsServer {
  readonly commands: RecordCommands;
  /** Its clock, in microseconds. */
  now(): Promise<number>;
  /** All fields of a hash; none where there is none. */
  fields(key: string): Promise<Readonly<Record<string, string>>>;
  set(key: string, fields: Readonly<Record<string, string | number>>): Promise<void>;
  /** Puts something there that is no hash. */
  setForeign(key: string): Promise<void>;
  remove(key: string): Promise<void>;
  /** Seconds; -1 for a key that stays, -2 where there is none. */
  timeToLive(key: string): Promise<number>;
  /** A member's score in one of the two zsets of hints. */
  hint(key: string, member: string): Promise<number | null>;
  /** Hears these channels from now on. */
  subscribe(channels: readonly string[], listener: (channel: string, message: string) => void): Promise<void>;
  flush(): Promise<void>;
  close(): Promise<void>;
}
