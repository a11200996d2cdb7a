import { literal, qualified } from '../../../remote/sql/quote.ts';
import type { Check } from '../../catalog/types.ts';
import { dropConstraint } from '../script/column.ts';
import { addCheck, switchConstraint } from '../script/constraint.ts';
import { both, checkExists, checkIs, constraintState, either, not } from '../script/done.ts';
import { matched, paired, sameExpression } from '../text.ts';
import { goalsIn, hasAll, namedIn, subjectOf, type TableScene } from './table-scene.ts';

/** Checks of a table on both sides; new ones hold for new rows until the hand-over makes them trusted. */
export function compareChecks(scene: TableScene): void {
  const { to, source, copy, keyOf, isNew } = scene;
  const named = paired(source.checks, copy.checks, check => keyOf(check.name));
  const checks = matched(named, sameCheck);
  for (const found of checks.onlyRight) {
    const subject = subjectOf(scene, found.name);
    to.item({
      ...{ kind: 'check', subject, severity: 'warning', aligned: true },
      what: `${found.definition} is on the copy only: it could refuse rows of production`,
    });
    drop(scene, found, not(checkExists(copy, found.name)));
  }
  for (const [wanted, found] of checks.renamed) {
    const subject = subjectOf(scene, wanted.name);
    to.item({
      ...{ kind: 'check', subject, severity: 'note', aligned: true },
      what: `is called ${found.name} on the copy: a later change of production's schema would not find it`,
    });
    if (goalsIn(scene, found.definition).length > 0) {
      drop(scene, found, not(checkExists(copy, found.name)));
      add(scene, wanted, checkIs(copy, wanted));
      switchState(scene, wanted, false);
      continue;
    }
    to.change({
      ...{ phase: 'rename', kind: 'check', subject, title: `rename ${found.name} to ${subject}` },
      text: `EXEC sys.sp_rename ${literal(qualified(copy.schema, found.name))}, ${literal(wanted.name)}, N'OBJECT';`,
      done: checkExists(copy, wanted.name),
    });
    compareCheck(scene, wanted, { ...found, name: wanted.name });
  }
  for (const [wanted, found] of checks.both) compareCheck(scene, wanted, found);
  for (const wanted of checks.onlyLeft) {
    const possible = hasAll(scene, namedIn(scene, wanted.definition));
    if (!isNew || !possible)
      to.item({
        ...{ kind: 'check', subject: subjectOf(scene, wanted.name), severity: 'warning', aligned: possible },
        what: `${wanted.definition} is missing on the copy${possible ? '' : ', and a column that it names stays different'}`,
      });
    if (!possible) continue;
    add(scene, wanted, checkIs(copy, wanted));
    switchState(scene, wanted, false);
  }
}

const sameCheck = (left: Check, right: Check): boolean =>
  sameExpression(left.definition, right.definition) && left.notForReplication === right.notForReplication;

function compareCheck(scene: TableScene, wanted: Check, found: Check): void {
  const { to, copy } = scene;
  const subject = subjectOf(scene, wanted.name);
  const goals = goalsIn(scene, found.definition);
  if (!sameCheck(wanted, found) && !hasAll(scene, namedIn(scene, wanted.definition))) {
    to.item({
      ...{ kind: 'check', subject, severity: 'warning', aligned: false },
      what: `is ${wanted.definition} on production and ${found.definition} on the copy, and a column that it names stays different`,
    });
    if (goals.length === 0) return;
    drop(scene, found, either(not(checkExists(copy, found.name)), both(...goals)));
    add(scene, found, checkExists(copy, found.name));
  } else if (!sameCheck(wanted, found)) {
    to.item({
      ...{ kind: 'check', subject, severity: 'warning', aligned: true },
      what: `is ${wanted.definition} on production and ${found.definition} on the copy`,
    });
    const goal = checkIs(copy, wanted, found);
    drop(scene, found, either(not(checkExists(copy, found.name)), goal));
    add(scene, wanted, goal);
    switchState(scene, wanted, false);
  } else if (goals.length > 0) {
    drop(scene, found, either(not(checkExists(copy, found.name)), both(...goals)));
    add(scene, wanted, checkIs(copy, wanted));
    switchState(scene, wanted, false);
  } else {
    if (wanted.disabled !== found.disabled)
      to.item({
        ...{ kind: 'check', subject, severity: 'note', aligned: true },
        what: found.disabled ? 'is disabled on the copy' : 'is disabled on production only',
      });
    else noteTrust(scene, wanted, found);
    switchState(scene, wanted, found.disabled);
  }
}

function noteTrust(scene: TableScene, wanted: Check, found: Check): void {
  if (wanted.trusted && !found.trusted)
    scene.to.item({
      ...{ kind: 'check', subject: subjectOf(scene, wanted.name), severity: 'note', aligned: false },
      what: 'is not trusted on the copy: the hand-over checks its rows',
    });
}

function drop(scene: TableScene, found: Check, done: string): void {
  const subject = subjectOf(scene, found.name);
  scene.to.change({
    ...{ phase: 'drop-check', kind: 'check', subject, title: `drop the check ${subject}` },
    text: dropConstraint(scene.copy, found.name),
    done,
  });
}

function add(scene: TableScene, wanted: Check, done: string): void {
  const subject = subjectOf(scene, wanted.name);
  scene.to.change({
    ...{ phase: 'check', kind: 'check', subject, title: `make the check ${subject}` },
    text: addCheck(scene.copy, wanted),
    done,
  });
}

function switchState(scene: TableScene, wanted: Check, isDisabled: boolean): void {
  if (wanted.disabled === isDisabled) return;
  const subject = subjectOf(scene, wanted.name);
  scene.to.change({
    ...{ phase: 'state', kind: 'check', subject },
    title: `${wanted.disabled ? 'disable' : 'enable'} the check ${subject}`,
    text: switchConstraint(scene.copy, wanted.name, wanted.disabled),
    done: constraintState('check_constraints', scene.copy, wanted.name, wanted.disabled),
  });
}
