import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSections } from '../../../../src/inventory/guest/sections.ts';
import { readSurvey } from '../../../../src/inventory/survey/survey.ts';
import { GUESTS, recordedGuest } from '../../../support/recorded-host.ts';

const PARTS = ['host-id', 'bus-machine-id', 'settings', 'agents', 'keytabs', 'vpn-names', 'licences'];
const IDENTITY = PARTS.map(name => `\n@@@ ${name}\n\n@@@ =0\n`).join('');

/** Cut off in the middle of what a question answers. */
const cutIn = (part: string): string =>
  `${IDENTITY.slice(0, IDENTITY.indexOf(`@@@ ${part}`))}@@@ ${part}\n/opt/`;

const printed = (section: string, rc: number, text: string): string =>
  `${JSON.stringify({ section, data: Buffer.from(text).toString('base64'), rc })}\n`;

/** The gaps of a survey in which the group ended so. */
const gapsOf = (group: string, rc: number, text: string) =>
  readSurvey(decodeSections(printed(`group:${group}`, rc, text) + printed('end', 0, ''), 'here')).survey.gaps;

const cutGap = (gaps: ReturnType<typeof gapsOf>, about: string) =>
  gaps.filter(({ what, help }) => what.startsWith(about) && help === 'landfall inventory PLAN --again');

describe('a group of questions that was cut off', () => {
  it.each([124, 137, 143])(
    'is told with the question where it stopped: licences were missing without a gap (%i)',
    rc => {
      const text = cutIn('licences');
      expect(cutGap(gapsOf('survey-identity', rc, text), 'what is bound to this machine')).toEqual([
        expect.objectContaining({
          what: 'what is bound to this machine, from "licences" on',
          why: 'timed-out',
        }),
      ]);
    },
  );

  it('is told where it stopped between two questions', () => {
    expect(cutGap(gapsOf('survey-identity', 124, IDENTITY), 'what is bound')).toMatchObject([
      { what: 'what is bound to this machine', why: 'timed-out' },
    ]);
  });

  it('is told where its answer was too long', () => {
    const text = cutIn('agents');
    expect(cutGap(gapsOf('survey-identity', 141, text), 'what is bound')).toMatchObject([
      { what: 'what is bound to this machine, from "agents" on', why: 'cut-short' },
    ]);
  });

  it('is not told where the last question was answered, well or not', () => {
    expect(cutGap(gapsOf('survey-identity', 0, IDENTITY), 'what is bound')).toEqual([]);
    expect(cutGap(gapsOf('survey-firewall', 1, '\n@@@ nft\n\n@@@ =1\n'), 'rules of packet')).toEqual([]);
  });

  it('is told wherever it was cut, whatever the host named its questions', () => {
    fc.assert(
      fc.property(fc.nat(IDENTITY.length), fc.string({ unit: 'binary', maxLength: 20 }), (at, name) => {
        const gaps = cutGap(
          gapsOf('survey-identity', 124, `${IDENTITY.slice(0, at)}\n@@@ ${name}`),
          'what is',
        );
        expect(gaps).toHaveLength(1);
        expect(JSON.stringify(gaps)).not.toContain('\\u001b');
      }),
    );
  });

  it('is told of a recorded host beside a dead file server', () => {
    expect(GUESTS).toContain('debian-12-dead-nfs');
    const { sections } = recordedGuest('debian-12-dead-nfs');
    const ended = Object.entries(sections).filter(
      ([name, { rc }]) => name.startsWith('group:') && rc === 124,
    );
    const told = readSurvey(new Map(Object.entries(sections))).survey.gaps.filter(
      ({ why }) => why === 'timed-out',
    );
    expect(sections['licences']).toBeUndefined();
    expect(ended.map(([name]) => name)).toEqual(['group:survey-identity']);
    expect(told).toMatchObject([{ what: 'what is bound to this machine' }]);
  });
});
