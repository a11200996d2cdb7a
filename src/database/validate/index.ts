import { LandfallError } from '../../foundation/errors.ts';
import type { Stage } from '../stage.ts';

/** Counts and hashes of every table at a common point (live), or of both sides frozen (exact). */
export const validateStage: Stage = {
  id: 'validate',
  title: ({ name }) => `compare ${name} with its copy`,
  preview: () => [],
  done: async () => false,
  async run() {
    throw new LandfallError('bug', { what: 'validate is not written yet', next: ['wait'] });
  },
};
