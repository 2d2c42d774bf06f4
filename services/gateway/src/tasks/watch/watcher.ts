import type { Task } from '@tickwork/task/task';
import type { Version } from './version.ts';

/** Whose token a read uses. */
export interface WatchingUser {
  readonly id: string;
  readonly token: string;
  /** In seconds since 1970. */
  readonly expiresAt: number;
}

export const watchKinds = ['stream', 'wait'] as const;
export type WatchKind = (typeof watchKinds)[number];

/** `gone`: the row is deleted. `expired`: the watcher's token is no longer good. `closing`: the process shuts down. */
export type EndReason = 'gone' | 'expired' | 'closing';

export interface Watching {
  /** A state that is newer than any before, as Supabase has it. Must not throw. */
  readonly onTask: (task: Task) => void;
  /** The last call; the watcher has left then. Must not throw. */
  readonly onEnd: (reason: EndReason) => void;
  /** Called with the clock's time a few times a second. */
  readonly onTick?: (now: number) => void;
}

/** One who watches, or is about to: `watching` is null until its own first read is there. */
export interface Watcher {
  readonly user: WatchingUser;
  readonly kind: WatchKind;
  /** By the clock of the process: a change of the host's time after the start moves it no more. */
  readonly expiresAtMs: number;
  seen: Version | null;
  watching: Watching | null;
  /** Something was said before its first read was there. */
  missed: boolean;
}
