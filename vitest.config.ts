import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // Real libvirt and real guests have a suite of their own: scripts/test-kvm.
    exclude: ['test/kvm/**'],
    globalSetup: ['test/setup/node-version.ts'],
    testTimeout: 30_000,
    // What is marked as concurrent waits for hosts most of the time; more at once only makes each slower.
    maxConcurrency: 3,
    // A condition is met when it is met; only what never comes is a failure.
    expect: { poll: { timeout: 15_000 } },
    retry: 0,
  },
});
