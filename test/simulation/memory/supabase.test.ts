import { describeTasks } from '../../conformance/tasks.ts';
import { createMemoryTasks } from './supabase.harness.ts';

describeTasks('Supabase in memory', async (limits) => createMemoryTasks(limits));
