import { defineConfig } from 'vitest/config';

/** make test-observability. */
export default defineConfig({
  test: {
    name: 'observability',
    include: ['test/observability/**/*.test.ts', 'observability/*.test.ts'],
    testTimeout: 60_000,
  },
});
