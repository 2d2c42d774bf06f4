import type { Operations, ProcessOperations } from '@tickwork/runtime/telemetry/dependency-calls';
import type { TaskReports } from '@tickwork/task/ports';

/** What is measured of the reports to Redis; the names are labels. */
export const reportOperations = {
  claim: 'claim',
  report: 'report',
  end: 'end',
  heartbeat: 'heartbeat',
  handBack: 'hand_back',
} as const satisfies Required<Operations<TaskReports>>;

export const workerCalls: ProcessOperations = { redis: Object.values(reportOperations) };
