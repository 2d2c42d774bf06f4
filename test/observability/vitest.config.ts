import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const scenario = 'test/observability/scenario.test.ts';
const timeouts = { testTimeout: 60_000, hookTimeout: 60_000 };

/** make test-observability. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    globalSetup: [join(import.meta.dirname, '../vitest.global-setup.ts')],
    projects: [
      {
        test: {
          name: 'rules',
          include: [
            'test/observability/**/*.test.ts',
            'observability/*.test.ts',
            'test/acceptance/traces.test.ts',
          ],
          exclude: [scenario],
          ...timeouts,
        },
      },
      {
        test: {
          name: 'scenario',
          include: [scenario],
          // By itself, as a second of its time stands for 30.
          sequence: { groupOrder: 1 },
          ...timeouts,
        },
      },
    ],
  },
});
