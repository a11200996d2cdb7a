import { basisOf } from './basis.ts';
import type { Document } from './document/blocks.ts';
import { eventTable, historyBlocks } from './history-blocks.ts';
import { marks } from './readiness.ts';
import type { Report } from './shape.ts';

/** What happened, in order, with the deadline in sight. */
export function timelineDocument(report: Report): Document {
  const { evacuation } = report;
  return {
    title: `${[...evacuation.marks, evacuation.name].join(' ')}: time line`,
    kind: 'time line',
    basis: basisOf(report),
    blocks: [...marks(evacuation), ...historyBlocks(report), ...eventTable(report)],
  };
}
