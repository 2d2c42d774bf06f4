import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const scenario = ['test/observability/scenario.test.ts', 'test/acceptance/traces.test.ts'];

/** make test-observability. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'rules',
          include: ['test/observability/**/*.test.ts', 'observability/*.test.ts'],
          exclude: scenario,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'scenario',
          include: scenario,
          globalSetup: [join(import.meta.dirname, '../vitest.global-setup.ts')],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
