import { afterAll, beforeAll } from 'vitest';
import { describeTasks } from '../conformance/tasks.ts';
import { createProject, type Project } from '../stack/fixture.ts';
import { createRealTasks } from './supabase-project.ts';

let project: Project;
beforeAll(async () => {
  project = await createProject();
});
afterAll(() => project.close());

describeTasks('Supabase', (limits) => createRealTasks(project, limits));
