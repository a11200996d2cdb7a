import { blockLines, flowText, isMapping, type PlanValue } from './edit-value.ts';

type Mapping = { readonly [key: string]: PlanValue };

/** What the copy is called: a clone keeps its name. */
export function nameThere(name: string, { clone, subscriber }: Mapping): string {
  const copy = isMapping(clone)
    ? clone['database']
    : isMapping(subscriber)
      ? subscriber['database']
      : undefined;
  return typeof copy === 'string' ? copy : name;
}

/** A database on its way home: the copy publishes, the old production is the clone that becomes the copy. */
export function databaseHome(name: string, wanted: Mapping): string[] {
  const { publisher: was, subscriber: is, lane, clone, backup, distributor_at, ...rest } = wanted;
  const before = isMapping(was) ? was : {};
  const { database: _copy, ...now } = isMapping(is) ? is : {};
  const called = nameThere(name, wanted);
  return [
    `  ${called}:`,
    ...Object.entries(rest).flatMap(([key, value]) => blockLines(key, value, '    ')),
    `    publisher: ${flowText(now)}`,
    `    subscriber: ${flowText(called === name ? before : { ...before, database: name })}`,
    '    lane: clone',
    `    clone: { database: ${flowText(name)} }  # the old production; it becomes the copy`,
    ...(backup === undefined
      ? []
      : ['    # backup: FILL IN where wanted; the folders of the way there were those of the other servers']),
  ];
}
