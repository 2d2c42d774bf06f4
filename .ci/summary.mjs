import { existsSync, readFileSync } from 'node:fs';

// Sums up the runs that left results; the arguments name those that failed. A test may be skipped only if test/skipped.txt says so.
const failedRuns = new Set(process.argv.slice(2));
const allowed = new Set(readFileSync('test/skipped.txt', 'utf8').split('\n'));
const files = { test: '.stack/test-results.json', 'test-kind': '.stack/test-kind-results.json' };
const isFailed = ({ status }) => status === 'failed';

/** Failed tests, files that broke outside of their tests, and a run that failed without either. */
function count(run, file) {
  if (!existsSync(file)) return { passed: 0, failed: failedRuns.has(run) ? 1 : 0, skipped: [] };
  const suites = JSON.parse(readFileSync(file, 'utf8')).testResults;
  const tests = suites.flatMap((suite) => suite.assertionResults);
  const broken = suites.filter((suite) => isFailed(suite) && !suite.assertionResults.some(isFailed)).length;
  const skipped = tests
    .filter(({ status }) => !['passed', 'failed'].includes(status))
    .map((test) => test.fullName);
  const unlisted = skipped.filter((name) => !allowed.has(name)).length;
  const known = tests.filter(isFailed).length + broken + unlisted;
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: known === 0 && failedRuns.has(run) ? 1 : known,
    skipped,
  };
}

const counts = Object.entries(files).map(([run, file]) => count(run, file));
const sum = (name) => counts.reduce((total, one) => total + one[name], 0);
const skipped = counts.flatMap((one) => one.skipped);
const passed = sum('passed');
const failed = sum('failed') + (failedRuns.has('check') ? 1 : 0);
console.log(`skipped: ${skipped.length} (${skipped.join(', ')})`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
