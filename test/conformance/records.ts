import { afterAll, beforeAll, describe } from 'vitest';
import { RecordsBench } from './records-bench.ts';
import { describeCheckpoints } from './records-checkpoints.ts';
import { describeClaims } from './records-claims.ts';
import { describeConfirm } from './records-confirm.ts';
import { describeFindings } from './records-findings.ts';
import { describeForeign } from './records-foreign.ts';
import { describeHandBack } from './records-hand-back.ts';
import { describeHints } from './records-hints.ts';
import { describeRelease } from './records-release.ts';
import { describeReports } from './records-reports.ts';
import { describeResume } from './records-resume.ts';
import { describeRows } from './records-rows.ts';
import { describeSeeds } from './records-seeds.ts';
import type { RecordsServer } from './records-server.ts';

/**
 * What holds of the tasks' records on any server that has their scripts. A title names in brackets the invariant that falls
 * without what it tests: I1 nothing lost, I2 never backwards, I4 isolation, I5 no ghosts, I6 losable signal, I7 clocks, I8 two
 * leaders.
 */
export function describeRecords(name: string, create: () => Promise<RecordsServer>): void {
  describe(name, () => {
    const records = new RecordsBench(create);
    beforeAll(() => records.open());
    afterAll(() => records.close());
    describeClaims(records);
    describeReports(records);
    describeCheckpoints(records);
    describeHandBack(records);
    describeResume(records);
    describeSeeds(records);
    describeFindings(records);
    describeHints(records);
    describeConfirm(records);
    describeRows(records);
    describeRelease(records);
    describeForeign(records);
  });
}
