import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** make fuzz. */
export default defineConfig({
  test: {
    name: 'fuzz',
    include: ['test/fuzz/**/*.test.ts'],
    globalSetup: [join(import.meta.dirname, '../vitest.global-setup.ts')],
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
  },
});
