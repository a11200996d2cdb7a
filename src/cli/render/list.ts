import { Listr } from 'listr2';
import type { ErrorRecord } from '../../foundation/errors.ts';
import type { Plan } from '../../plan/schema.ts';
import { say, saySample, subjectOf } from '../../reports/say.ts';
import { formatRecord } from '../failure.ts';
import type { Io } from '../io.ts';
import type { Style } from '../style.ts';
import type { Watcher } from './watcher.ts';

const WAITING = 'waiting';

interface Row {
  readonly finish: (error?: Error) => void;
  readonly finished: Promise<void>;
  show?: (text: string) => void;
  skip?: () => void;
  last: string;
  failed?: ErrorRecord;
}

/** A live list on a terminal, one row for each hypervisor and machine, drawn by listr2; it only shows, it runs nothing. */
export function listWatcher(io: Io, plan: Plan, style: Style): Watcher {
  const subjects = [...Object.keys(plan.hypervisors), ...Object.keys(plan.machines)];
  const rows = new Map(subjects.map(subject => [subject, newRow()]));
  const list = new Listr(
    subjects.map(subject => ({
      title: subject,
      task: (_context: unknown, task) => {
        const row = rows.get(subject);
        if (row === undefined) return Promise.resolve();
        row.show = text => {
          task.title = `${style.strong(subject.padEnd(10))} ${text}`;
        };
        row.skip = () => task.skip();
        row.show(row.last);
        return row.finished;
      },
    })),
    {
      concurrent: true,
      exitOnError: false,
      // Its own listener would end the process in the middle of a step; main.ts stops a run in good order.
      registerSignalListeners: false,
      rendererOptions: { showErrorMessage: false, collapseErrors: false },
    },
  );
  const drawn = list.run();
  let isComplete = false;

  return {
    event(event) {
      if (event.type === 'evacuation.ended') isComplete = event.outcome === 'complete';
      const said = say(event);
      if (said === undefined) return;
      const row = rows.get(said.subject);
      if (row === undefined) return;
      if (said.tone !== 'quiet') row.last = said.text;
      if (event.type === 'step.cancelled') row.skip?.();
      if (event.type === 'step.failed') row.failed = event.error;
      if (event.type === 'step.done') delete row.failed;
      row.show?.(row.last);
      // A hypervisor is only looked at; a spinner beside it would say that something goes on there.
      if (event.type === 'hypervisor.observed') row.finish();
    },
    sample(sample) {
      const row = rows.get(subjectOf(sample.step));
      row?.show?.(saySample(sample));
    },
    async end() {
      for (const row of rows.values()) {
        if (row.last === WAITING) row.show?.(isComplete ? 'nothing left to do' : 'not begun');
        row.finish(row.failed === undefined ? undefined : new Error(row.failed.what));
      }
      await drawn;
      for (const { failed } of rows.values()) if (failed !== undefined) io.err(formatRecord(failed, style));
    },
  };
}

function newRow(): Row {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  return {
    finished: promise,
    finish: error => (error === undefined ? resolve() : reject(error)),
    last: WAITING,
  };
}
