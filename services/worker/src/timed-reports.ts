import type { TaskReports } from '@tickwork/task/ports';

export type ReportOperation = keyof TaskReports;
export type ObserveReport = (operation: ReportOperation, seconds: number) => void;

/** The same reports, each timed from call to answer or failure. */
export function timeReports(reports: TaskReports, observe: ObserveReport): TaskReports {
  async function timed<Value>(operation: ReportOperation, call: Promise<Value>): Promise<Value> {
    const start = performance.now();
    try {
      return await call;
    } finally {
      observe(operation, (performance.now() - start) / 1000);
    }
  }
  return {
    claim: (claim) => timed('claim', reports.claim(claim)),
    report: (claim, progress) => timed('report', reports.report(claim, progress)),
    end: (claim, end) => timed('end', reports.end(claim, end)),
    heartbeat: (claim) => timed('heartbeat', reports.heartbeat(claim)),
    handBack: (claim, how) => timed('handBack', reports.handBack(claim, how)),
  };
}
