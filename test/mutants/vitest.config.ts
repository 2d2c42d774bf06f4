import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** The conformance suites of a patched copy; the copy is the root. */
export default defineConfig({
  test: {
    include: ['test/integration/{redis,supabase}-conformance.test.ts'],
    globalSetup: [join(import.meta.dirname, 'global-setup.ts')],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
