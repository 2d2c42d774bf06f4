import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { wide } from '../conformance/tasks/given.ts';
import { steps } from '../conformance/twins/steps.ts';
import { createTwin, newNames, type Twin } from '../conformance/twins/twin.ts';
import { createMemoryTasks } from '../simulation/memory/supabase.harness.ts';
import { createProject, type Project } from '../stack/fixture.ts';
import { createRealTasks } from './supabase-project.ts';

let project: Project;
let real: Twin;
let memory: Twin;
beforeAll(async () => {
  project = await createProject();
  real = await createTwin(await createRealTasks(project, wide));
  memory = await createTwin(createMemoryTasks(wide));
});
afterAll(() => project.close());

test('Supabase and the one in memory answer alike, and hold the same rows', async () => {
  // On a busy machine fewer runs do. One that is interrupted would go on beside the project's end.
  const end = performance.now() + 10_000;
  const alike = fc.asyncProperty(steps, async (given) => {
    if (performance.now() > end) return;
    const names = newNames();
    expect(await memory.run(names, given)).toEqual(await real.run(names, given));
  });
  await fc.assert(alike, { numRuns: 50 });
});
