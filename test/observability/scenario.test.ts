import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readQueries } from '../../observability/panels.ts';
import { selectorsOf } from '../../observability/queries.ts';
import { allRules } from '../../observability/rules.ts';
import { signIn } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';
import { createDriver } from './drive.ts';
import { knownSeries, panelProblem, unboundedLabels, userText } from './evaluation.ts';
import { type Installation, startInstallation } from './installation.ts';
import { scenario } from './phases.ts';
import { scaleQuery } from './scaled-rules.ts';
import { callOnce, startTraffic, type User, userWrites } from './traffic.ts';

const stack = new AsyncDisposableStack();
let installation: Installation;
let user: User;
let begun: number;
const alertsFired = new Set<string>();
const now = () => Date.now() / 1000;
const range = () => ({ start: begun, end: now() });

beforeAll(async () => {
  installation = await startInstallation(stack);
  user = await signIn(installation.tickwork);
  begun = now();
}, 180_000);
// Workers with an agent that heeds nobody are killed in the end.
afterAll(() => stack.disposeAsync(), 120_000);

test('each failure fires its alerts and no others, and they resolve', async ({ annotate, signal }) => {
  const driver = createDriver(installation.prometheus, (line) => void annotate(line), signal);
  const traffic = startTraffic(user);
  try {
    await callOnce(user);
    for (const phase of scenario(installation, user)) {
      expect(await driver.drive(phase), phase.name).toEqual([]);
    }
  } finally {
    await traffic.stop();
    for (const name of driver.fired) alertsFired.add(name);
  }
  // Longer than all waits of all phases together: one that fails tells what it waited for.
}, 1_500_000);

/** Node shows its file descriptors on Linux alone. */
const isShownHere = ({ query }: { query: string }) =>
  process.platform === 'linux' || !query.includes('process_open_fds');

describe('over the whole scenario', () => {
  test('every alert has fired', () => {
    const alerts = new Set(allRules().flatMap(({ alert }) => alert ?? []));
    expect([...alerts].filter((alert) => !alertsFired.has(alert))).toEqual([]);
  });

  test('every panel has curves with values, and the labels of its legend', async () => {
    const wrong: string[] = [];
    for (const { name, query, legend } of readQueries('2m').filter(isShownHere)) {
      const problem = panelProblem(legend, await installation.prometheus.range(scaleQuery(query), range()));
      if (problem) wrong.push(`${name} ${problem}`);
    }
    expect(wrong).toEqual([]);
  });

  test('every rule is evaluated without an error', async () => {
    const rules = await installation.prometheus.rules();
    expect(rules).toHaveLength(allRules().length);
    const wrong = rules.filter(
      ({ health, lastError, lastEvaluation }) =>
        health !== 'ok' || lastError || Date.parse(lastEvaluation) / 1000 < begun,
    );
    expect(wrong).toEqual([]);
  });

  test('every rule records values, and what it reads has been there', async () => {
    const read = allRules().flatMap(({ expr }) => selectorsOf(expr));
    const recorded = allRules().flatMap(({ record }) => record ?? []);
    const empty: string[] = [];
    for (const selector of new Set([...read, ...recorded])) {
      const curves = await installation.prometheus.range(selector, range());
      if (panelProblem('', curves)) empty.push(selector);
    }
    expect(empty).toEqual([]);
  });

  test('no label has what is not in its closed set, an id, or what a user wrote', async () => {
    const ours = await installation.prometheus.series('{__name__=~"tickwork_.*"}', range());
    expect(ours.length).toBeGreaterThan(1000);
    expect(unboundedLabels(ours, knownSeries())).toEqual([]);
    const all = await installation.prometheus.series('{__name__=~".+"}', range());
    expect(userText(all, [userWrites, '@example.com', 'steps '])).toEqual([]);
  });

  test('the same kinds of calls with other ids add no series', async () => {
    const { prometheus } = installation;
    const count = async () => {
      const at = now();
      await waitFor('a scrape of each process', async () => {
        const scraped = await prometheus.query(`timestamp(up) > ${at}`);
        return scraped.length === 5;
      });
      const counted = await prometheus.query('count({__name__=~"tickwork_.*"})');
      return counted[0]?.value[1];
    };
    let before = await count();
    // What comes seldom may come for the first time; an id comes each time.
    await waitFor('calls that add no series', async () => {
      await callOnce(user);
      const after = await count();
      const isSame = after === before;
      before = after;
      return isSame;
    });
  }, 60_000);
});
