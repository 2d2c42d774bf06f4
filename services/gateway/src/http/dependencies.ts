import type { Clock } from '@tickwork/runtime/process/clock';
import type { UserTasks } from '@tickwork/task/ports';
import type { GatewayEmitter } from '../events.ts';
import type { createCancelTask } from '../tasks/cancel-task.ts';
import type { createCheckHealth } from '../tasks/check-health.ts';
import type { createDeleteTask } from '../tasks/delete-task.ts';
import type { createReadTask } from '../tasks/read-task.ts';
import type { createRetryTask } from '../tasks/retry-task.ts';
import type { createSubmitTask } from '../tasks/submit-task.ts';
import type { createSystemInfo } from '../tasks/system-info.ts';
import type { createAwaitNews } from '../tasks/watch/await-news.ts';
import type { createWatchTask } from '../tasks/watch/watch-task.ts';
import type { createAuthenticate, User } from './authenticate.ts';
import type { Origins } from './origins.ts';

export interface AppDependencies {
  readonly authenticate: ReturnType<typeof createAuthenticate>;
  /** Supabase as this user. */
  readonly tasksOf: (user: User) => UserTasks;
  readonly submitTask: ReturnType<typeof createSubmitTask>;
  readonly readTask: ReturnType<typeof createReadTask>;
  readonly cancelTask: ReturnType<typeof createCancelTask>;
  readonly deleteTask: ReturnType<typeof createDeleteTask>;
  readonly retryTask: ReturnType<typeof createRetryTask>;
  readonly awaitNews: ReturnType<typeof createAwaitNews>;
  readonly watchTask: ReturnType<typeof createWatchTask>;
  readonly checkHealth: ReturnType<typeof createCheckHealth>;
  readonly systemInfo: ReturnType<typeof createSystemInfo>;
  readonly events: GatewayEmitter;
  readonly clock: Pick<Clock, 'now' | 'sleep' | 'random'>;
  /** Whose pages may call from a browser. */
  readonly origins: Origins;
  /** Of one user: submits, retries, cancels and deletes together. */
  readonly writesPerMinute: number;
  /** How long a whole request may take to arrive. */
  readonly requestTimeoutMs: number;
}
