/**
 * Errors say `landfall run PLAN`, as the help does. In a document nobody knows that PLAN stands for something, so it
 * is said in words; the path itself is not recorded, because a plan may be moved.
 */
export function namePlanFile(text: string): string {
  return text.replace(/\b(landfall [a-z]+ )PLAN\b/g, '$1<the plan file>');
}

/** `landfall run` of a plan without options: those have no counterpart in a rehearsal. */
const RUN_ALONE = /\blandfall run (?:PLAN|<the plan file>)(?! --)/g;

/** What to do next, as it is said in a rehearsal of this name: it is taken up by its name, its plan is part of the lab. */
export const inRehearsal = (name: string, next: readonly string[]): string[] =>
  next.map(step => step.replace(RUN_ALONE, `landfall rehearse --name ${name}`));
