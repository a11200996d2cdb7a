import { defineConfig } from 'vitest/config';

/** The suite on two real libvirt sites (`scripts/test-kvm`): root, Debian or Ubuntu, half an hour without KVM. */
export default defineConfig({
  test: {
    include: ['test/kvm/**/*.test.ts'],
    globalSetup: ['test/setup/node-version.ts'],
    testTimeout: 20 * 60_000,
    hookTimeout: 30 * 60_000,
    fileParallelism: false,
    // One lab, one story: what follows a failure would only say it again.
    bail: 1,
    retry: 0,
  },
});
