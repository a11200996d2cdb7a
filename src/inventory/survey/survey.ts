import { createHash } from 'node:crypto';
import type { SurveyFacts } from '../../journal/facts-survey.ts';
import type { Sections } from '../guest/sections.ts';
import { tellCutGroups } from './cut-off.ts';
import { Answers, type PeerSample } from './learn.ts';
import { readSoftware } from './software.ts';
import { readPeers, readSurroundings } from './surroundings.ts';
import { readSystem } from './system.ts';

export interface SurveyReading {
  readonly survey: SurveyFacts;
  readonly digest: string;
  readonly peers: PeerSample | undefined;
}

/** The wide look at a guest from the collector's sections. Never throws: what could not be read is told as a gap. */
export function readSurvey(sections: Sections): SurveyReading {
  const answers = new Answers(sections);
  const learned = { ...readSystem(answers), ...readSoftware(answers), ...readSurroundings(answers) };
  const peers = readPeers(answers);
  tellCutGroups(answers);
  if (answers.section('survey-end') === undefined)
    answers.gap('the end of the survey', 'cut-short', undefined, 'landfall inventory PLAN --again');
  const survey: SurveyFacts = {
    root: answers.text('survey-user')?.trim() === '0',
    gaps: answers.gaps,
    ...learned,
  };
  return { survey, digest: digestOf(survey), peers };
}

/** SHA-256 over what does not move by itself: neither rates nor load, uptime, queues and times. */
export function digestOf(survey: SurveyFacts): string {
  const { rates, load, uptimeSeconds, gaps, mail, time, dataServices, shares, ...stable } = survey;
  const still = {
    ...stable,
    mail: mail?.map(({ queued: _moving, ...rest }) => rest),
    time: time === undefined ? undefined : { zone: time.zone, service: time.service },
    dataServices: dataServices?.map(({ bytes: _moving, ...rest }) => rest),
    shares: shares?.map(({ answers: _moving, ...rest }) => rest),
    gaps: gaps.map(({ what, why }) => ({ what, why })),
  };
  return createHash('sha256')
    .update(JSON.stringify(sorted(still)))
    .digest('hex');
}

/** The same whatever the order of members. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}
