import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    globalSetup: ['test/setup/node-version.ts'],
    testTimeout: 30_000,
    retry: 0,
  },
});
