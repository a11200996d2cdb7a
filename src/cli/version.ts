import { createRequire } from 'node:module';
import { z } from 'zod';

/** The version of package.json, which stands beside both src/ and dist/. */
export const VERSION = z
  .object({ version: z.string() })
  .parse(createRequire(import.meta.url)('../../package.json')).version;
