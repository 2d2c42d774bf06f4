import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { removeLeftovers } from './stack/leftovers.ts';
import { startDependencies } from './stack/stack.ts';
import { stackFolder } from './stack/state.ts';

export interface SharedServices {
  readonly supabaseUrl: string;
  readonly superuserUrl: string;
  readonly databaseUrl: string;
  readonly anonKey: string;
  readonly reconcilerToken: string;
  readonly rabbitUrl: string;
  readonly workerRabbitUrl: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    services: SharedServices;
  }
}

/** One PostgreSQL, PostgREST, front server and RabbitMQ for the whole run; each test takes its own part of them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftovers(stackFolder);
  const folder = join(stackFolder, `test-${process.pid}`);
  const dependencies = await startDependencies(folder);
  const { front, rabbit } = dependencies;
  project.provide('services', {
    supabaseUrl: dependencies.supabaseUrl,
    superuserUrl: dependencies.superuserUrl,
    databaseUrl: dependencies.databaseUrl,
    anonKey: await front.tokens.anon(),
    reconcilerToken: await front.tokens.reconciler(),
    rabbitUrl: rabbit.url,
    workerRabbitUrl: rabbit.workerUrl,
  });
  return async () => {
    await dependencies.close();
    rmSync(folder, { recursive: true, force: true });
  };
}
