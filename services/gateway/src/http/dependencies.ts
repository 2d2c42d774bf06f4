import type { Clock } from '@tickwork/runtime/process/clock';
import type { UserTasks } from '@tickwork/task/ports';
import type { GatewayEmitter } from '../events.ts';
import type { createReadTask } from '../tasks/read-task.ts';
import type { createSubmitTask } from '../tasks/submit-task.ts';
import type { createAwaitNews } from '../tasks/watch/await-news.ts';
import type { createWatchTask } from '../tasks/watch/watch-task.ts';
import type { createAuthenticate, User } from './authenticate.ts';

export interface AppDependencies {
  readonly authenticate: ReturnType<typeof createAuthenticate>;
  /** Supabase as this user. */
  readonly tasksOf: (user: User) => UserTasks;
  readonly submitTask: ReturnType<typeof createSubmitTask>;
  readonly readTask: ReturnType<typeof createReadTask>;
  readonly awaitNews: ReturnType<typeof createAwaitNews>;
  readonly watchTask: ReturnType<typeof createWatchTask>;
  readonly checkHealth: () => Promise<{ readonly healthy: boolean }>;
  readonly events: GatewayEmitter;
  readonly clock: Pick<Clock, 'now' | 'sleep' | 'random'>;
  /** How long a whole request may take to arrive. */
  readonly requestTimeoutMs: number;
}
