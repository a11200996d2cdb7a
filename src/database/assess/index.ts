import { LandfallError } from '../../foundation/errors.ts';
import type { DatabaseFinding } from '../../journal/database-facts.ts';
import type { Stage } from '../stage.ts';
import type { Survey } from './survey.ts';

/** What of the servers and the database stands in the way, hinders, or has to be known; worst first. */
export const findingsOf = (_survey: Survey): DatabaseFinding[] => {
  throw new LandfallError('bug', { what: 'findingsOf is not written yet', next: [] });
};

export const assessStage: Stage = {
  id: 'assess',
  title: ({ name }) => `assess the database ${name} and its servers`,
  preview: () => [],
  done: async () => {
    throw new LandfallError('bug', { what: 'assess is not written yet', next: [] });
  },
  run: async () => {
    throw new LandfallError('bug', { what: 'assess is not written yet', next: [] });
  },
};
