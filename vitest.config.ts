import { defineConfig } from 'vitest/config';

/** Whole evacuations, and databases that are seeded, replicated and handed over on doubles: minutes, not seconds. */
const LONG = [
  'test/e2e/**/*.test.{ts,tsx}',
  'test/conformance/**/*.test.ts',
  'test/integration/database/**/*.test.ts',
  'test/integration/lab/sqlserver/**/*.test.ts',
  'test/integration/sync/long/**/*.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: ['test/setup/node-version.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What is marked as concurrent waits for hosts most of the time; more at once only makes each slower.
    maxConcurrency: 3,
    // A condition is met when it is met; only what never comes is a failure.
    expect: { poll: { timeout: 15_000 } },
    retry: 0,
    projects: [
      {
        extends: true,
        test: {
          name: 'quick',
          include: ['test/**/*.test.{ts,tsx}'],
          // Real libvirt and real guests have a suite of their own: scripts/test-kvm.
          exclude: ['test/kvm/**', ...LONG],
        },
      },
      // On a machine that is shared they have been seen at six times what they take.
      { extends: true, test: { name: 'long', include: LONG, testTimeout: 120_000 } },
    ],
  },
});
