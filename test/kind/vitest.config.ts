import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** make test-kind. One file at a time: each brings up a whole installation, and two cores carry one. */
export default defineConfig({
  test: {
    name: 'kind',
    include: ['test/kind/**/*.test.ts'],
    globalSetup: [join(import.meta.dirname, 'global-setup.ts')],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 420_000,
  },
});
