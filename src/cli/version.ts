import { createRequire } from 'node:module';

// Beside both src/ and dist/, and ours: a package.json without a version would not have been installed.
const manifest: { readonly version: string } = createRequire(import.meta.url)('../../package.json');

export const VERSION = manifest.version;
