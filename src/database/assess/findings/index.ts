import type { DatabaseFinding, Lane } from '../../../journal/database-facts.ts';
import type { Survey } from '../survey.ts';
import { copyFindings } from './copy.ts';
import { worstFirst } from './finding.ts';
import { replicationFindings } from './replication.ts';
import { serverFindings } from './servers.ts';
import { sourceFindings } from './source.ts';
import { tableFindings } from './tables.ts';

/** What of the servers and the database stands in the way, hinders, or has to be known; worst first. */
export const findingsOf = (survey: Survey): DatabaseFinding[] =>
  worstFirst([
    ...serverFindings(survey),
    ...sourceFindings(survey),
    ...replicationFindings(survey),
    ...copyFindings(survey),
    ...tableFindings(survey),
  ]);

/** Why a lane is closed: the findings that close it; empty where it is open. */
export const closing = (findings: readonly DatabaseFinding[], lane: Lane): DatabaseFinding[] =>
  findings.filter(({ closes }) => closes.includes(lane));
