import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { removeLeftovers } from './stack/leftovers.ts';
import { startDependencies } from './stack/stack.ts';
import { stackFolder } from './stack/state.ts';

export interface SharedServices {
  readonly superuserUrl: string;
  readonly rabbitUrl: string;
  readonly workerRabbitUrl: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    services: SharedServices;
  }
}

/** One PostgreSQL and one RabbitMQ for the whole run; each test takes its own part of them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftovers(stackFolder);
  const folder = join(stackFolder, `test-${process.pid}`);
  const dependencies = await startDependencies(folder);
  const { superuserUrl, rabbit } = dependencies;
  project.provide('services', { superuserUrl, rabbitUrl: rabbit.url, workerRabbitUrl: rabbit.workerUrl });
  return async () => {
    await dependencies.close();
    rmSync(folder, { recursive: true, force: true });
  };
}
