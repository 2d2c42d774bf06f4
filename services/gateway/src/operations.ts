import type { Publisher } from '@tickwork/runtime/rabbitmq/publisher';
import type { Operations, ProcessOperations } from '@tickwork/runtime/telemetry/dependency-calls';
import type { ReconcilerTasks, TaskRecords, UserTasks } from '@tickwork/task/ports';

/** What is measured of each port; the names are labels. */
export const recordOperations = {
  seed: 'seed',
  scheduleDispatch: 'schedule_dispatch',
  read: 'read',
  scanStep: 'scan_step',
  hinted: 'hinted',
  confirm: 'confirm',
  settle: 'settle',
  rebase: 'rebase',
  fail: 'fail',
  reopen: 'reopen',
  release: 'release',
} as const satisfies Required<Operations<TaskRecords>>;

export const queueOperations = {
  publish: 'publish',
  countReady: 'count_ready',
  countDead: 'count_dead',
} as const satisfies Operations<Publisher>;

export const userOperations = {
  insert: 'insert',
  find: 'find',
  list: 'list',
  quota: 'quota',
  count: 'count',
  cancel: 'cancel',
  remove: 'remove',
  sync: 'sync',
} as const satisfies Required<Operations<UserTasks>>;

export const reconcilerOperations = {
  syncBatch: 'sync_batch',
  readRows: 'read_rows',
  activeRows: 'active_rows',
} as const satisfies Required<Operations<ReconcilerTasks>>;

const { seed, scheduleDispatch, read, confirm, settle } = recordOperations;

export const apiCalls: ProcessOperations = {
  redis: [seed, scheduleDispatch, read, confirm, settle],
  rabbitmq: Object.values(queueOperations),
  supabase: Object.values(userOperations),
};

export const reconcilerCalls: ProcessOperations = {
  redis: Object.values(recordOperations),
  rabbitmq: Object.values(queueOperations),
  supabase: Object.values(reconcilerOperations),
};
