import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Most of a test is waiting for a state, so that one file at a time, Vitest's own choice for two cores, leaves both idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'services/*/src/**/*.test.ts',
            'charts/*.test.ts',
            'examples/agents/*.test.ts',
            'observability/**/*.test.ts',
            'test/{agents,stack,simulation,mutants,worker-isolation,docs}/**/*.test.ts',
          ],
        },
      },
      {
        test: {
          name: 'integration',
          // `--tags-filter '!slow'` leaves them out.
          tags: [
            {
              name: 'slow',
              description: 'waits for a server to stop, start or lose patience',
              timeout: 150_000,
            },
          ],
          include: ['test/integration/**/*.test.ts', 'test/acceptance/**/*.test.ts'],
          globalSetup: ['test/vitest.global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
