/**
 * Errors say `landfall run PLAN`, as the help does. In a document nobody knows that PLAN stands for something, so it
 * is said in words; the path itself is not recorded, because a plan may be moved.
 */
export function namePlanFile(text: string): string {
  return text.replace(/\b(landfall [a-z]+ )PLAN\b/g, '$1<the plan file>');
}
