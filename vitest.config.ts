import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    globalSetup: ['test/setup/node-version.ts'],
    testTimeout: 30_000,
    // What is marked as concurrent waits for hosts most of the time; more at once only makes each slower.
    maxConcurrency: 3,
    retry: 0,
  },
});
