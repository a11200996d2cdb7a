import { expect, it } from 'vitest';
import { findingsText } from '../../../../src/cli/inventory/findings.ts';
import { createStyle } from '../../../../src/cli/style.ts';
import type { InventoryFinding } from '../../../../src/reports/inventory/finding.ts';
import { gapFinding } from '../../../../src/reports/inventory/findings/survey.ts';

const paper = { style: createStyle(false, false), width: 100 };

const gapOf = (subject: string, what: string): InventoryFinding => ({
  ...{ id: `gap:${subject}`, kind: 'gap', severity: 'note', subject, what: `not learned: ${what}` },
  ...{ evidence: [`${what}: needs root`], next: ['sudo'], seen: '5s ago', stale: false },
});

it('says once what is the same of many machines, and counts each of them', () => {
  const text = findingsText(
    'p',
    [gapOf('web1', 'packages'), gapOf('db1', 'keys'), gapOf('web2', 'packages')],
    paper,
  );
  expect(text.split('\n')).toEqual([
    '[ok] nothing has to be settled; 3 notes',
    '',
    '- web1, web2: not learned: packages (5s ago)',
    '    | packages: needs root',
    '    next: sudo',
    '',
    '- db1: not learned: keys (5s ago)',
    '    | keys: needs root',
    '    next: sudo',
    '',
  ]);
});

it('a remedy says for what it is one, and no gap is left without', () => {
  const [finding] = gapFinding(
    'web1',
    [
      { what: 'packages', why: 'no-tool', help: 'dpkg-query -W or rpm -qa' },
      { what: 'other routes', why: 'no-tool' },
      { what: 'names of packages', why: 'no-tool', help: 'dpkg-query -W or rpm -qa' },
    ],
    0,
  );
  expect(finding?.next).toEqual([
    'packages, names of packages: dpkg-query -W or rpm -qa',
    'other routes: look by hand, and write it down: landfall note',
  ]);
});
