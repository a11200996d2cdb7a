import { counted } from '../../foundation/units.ts';
import type { Item, NextAction, Pane, Screen, View } from '../screen.ts';
import type { Finding } from '../services.ts';
import type { StatusKind } from '../text/glyphs.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import { type Column, layOutTable, widest } from '../text/table.ts';
import { statusSpan } from './cells.ts';
import { planFacts } from './check-plan.ts';
import { foremostAction, foremostLine, seeAndApprove } from './foremost.ts';
import { chosenIn, detailPane, labelled, numbered, sentence } from './parts.ts';

/** Stage 1: is everything here that the evacuation needs: this machine, the plan, a way to every host. */
export const check: Screen = {
  id: 'check',
  title: () => 'Check: is everything here that the evacuation needs?',
  panes: view => {
    const items = itemsOf(view);
    const chosen = findingOf(chosenIn(view, 'check', 'findings', items), view);
    return [
      findingsPane(view, items),
      ...(chosen === undefined
        ? []
        : [
            detailPane(chosen.subject, chosen.subject, width => aboutFinding(view, chosen, width), {
              most: 9,
              beside: true,
            }),
          ]),
      ...(view.snapshot === undefined ? [] : [planPane(view)]),
    ];
  },
  next: view => nextOf(view),
  message: view => messageOf(view),
};

const WORDS: Readonly<Record<Finding['verdict'], readonly [StatusKind, string]>> = {
  good: ['ok', 'good'],
  warn: ['warn', 'read'],
  bad: ['bad', 'mend'],
};
const RANK = { bad: 0, warn: 1, good: 2 } as const;

function findingsOf({ loaded }: View): readonly Finding[] {
  if (loaded.findings.state !== 'here') return [];
  return [...loaded.findings.value].sort((a, b) => RANK[a.verdict] - RANK[b.verdict]);
}

const findingOf = (id: string | undefined, view: View): Finding | undefined =>
  findingsOf(view).find((_each, index) => id === `finding:${index}`);

function itemsOf(view: View): Item[] {
  const findings = findingsOf(view);
  const columns = columnsOf(view, findings);
  return findings.map((each, index) => ({
    id: `finding:${index}`,
    search: `${each.subject} ${each.found} ${WORDS[each.verdict][1]}`,
    line: width => layOutTable(columns, width, view.glyphs.ellipsis).row(each),
  }));
}

function columnsOf(view: View, findings: readonly Finding[]): Column<Finding>[] {
  const subjects = widest(
    findings.map(each => each.subject),
    8,
    24,
  );
  return [
    {
      title: 'verdict',
      keep: 0,
      least: 7,
      most: 7,
      cell: ({ verdict }) => [statusSpan(view, ...WORDS[verdict])],
    },
    {
      title: 'what',
      keep: 0,
      least: Math.min(subjects, 14),
      most: subjects,
      cell: each => line(span(each.subject, 'title')),
    },
    { title: 'found', keep: 0, least: 20, most: 200, cell: each => line(span(each.found)) },
  ];
}

function findingsPane(view: View, items: readonly Item[]): Pane {
  const { findings } = view.loaded;
  return {
    kind: 'list',
    id: 'findings',
    title: 'this machine and the hosts',
    weight: 2,
    items,
    empty:
      findings.state === 'failed'
        ? `could not look: ${findings.what}`
        : findings.state === 'here'
          ? 'nothing was looked at'
          : `looking at this machine, the plan and every host ${view.glyphs.busy}`,
  };
}

function aboutFinding(view: View, { verdict, found, evidence, next }: Finding, width: number): Line[] {
  const tone = verdict === 'good' ? 'plain' : verdict;
  return [
    ...labelled('found', found, width, tone),
    ...(evidence ?? []).flatMap((each, index) =>
      labelled(index === 0 ? 'evidence' : '', each, width, 'muted'),
    ),
    ...numbered('remedy', next ?? [], width, 'accent'),
    ...(verdict === 'good' ? wrap(`${view.glyphs.ok} Nothing to do here.`, width, 'good') : []),
    ...(verdict !== 'good' && next !== undefined
      ? labelled('then', 'ctrl+r looks again', width, 'accent')
      : []),
  ];
}

const planPane = (view: View): Pane => ({
  kind: 'text',
  id: 'plan',
  title: 'the plan in force',
  most: 9,
  lines: width => planFacts(view, width),
});

const count = (view: View, verdict: Finding['verdict']): number =>
  findingsOf(view).filter(each => each.verdict === verdict).length;

/** A failure of the work itself, then what has to be mended here, then the stage that waits; where nothing waits, on. */
function nextOf(view: View): NextAction | undefined {
  if (isFailing(view)) return foremostAction(view);
  if (view.loaded.findings.state === 'failed' || count(view, 'bad') > 0)
    return { intent: 'refresh', words: 'look again, once it is mended' };
  return view.snapshot === undefined ? undefined : (foremostAction(view, seeAndApprove) ?? onward(view));
}

/** Only while an engine runs: without one the hosts are what matters, and then its start. */
const isFailing = (view: View): boolean =>
  view.snapshot?.connection === 'live' &&
  view.stages.some(each => each.phase !== 'ready' && each.state === 'failed');

/** Where the walk goes on: nobody is led back to what is done. */
function onward({ stages, rows }: View): NextAction {
  const isDone = (phase: string): boolean => stages.find(each => each.phase === phase)?.state === 'done';
  if (!isDone('inventory')) return { intent: 'stage.inventory', words: 'go on to inventory' };
  return rows.every(row => row.verification?.current === true)
    ? { intent: 'stage.ready', words: 'see what is ready' }
    : { intent: 'overview', words: 'see how every machine stands' };
}

function messageOf(view: View): Line | undefined {
  const { loaded, glyphs } = view;
  if (isFailing(view)) return foremostLine(view);
  if (loaded.findings.state === 'failed')
    return sentence(
      `${glyphs.bad} Could not look: ${loaded.findings.what}. Next: ${loaded.findings.next.join('; ')}`,
      'bad',
    );
  const bad = count(view, 'bad');
  if (bad > 0) {
    const first = findingsOf(view)[0];
    const remedy = first?.next?.[0] === undefined ? '' : ` First: ${first.subject}: ${first.next[0]}.`;
    return sentence(
      `${glyphs.bad} ${counted(bad, 'finding')} would stop this evacuation.${remedy} Then ctrl+r looks again.`,
      'bad',
    );
  }
  return foremostLine(view) ?? restOf(view);
}

function restOf(view: View): Line | undefined {
  if (view.loaded.findings.state !== 'here') return undefined;
  const warn = count(view, 'warn');
  return warn === 0
    ? sentence(`${view.glyphs.ok} Everything is here that the evacuation needs.`, 'good')
    : sentence(
        `${view.glyphs.warn} Nothing stops the evacuation; ${counted(warn, 'finding')} to read.`,
        'warn',
      );
}
