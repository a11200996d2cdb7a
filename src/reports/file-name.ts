/** Part of a file name: letters, digits and "-", never empty and never long. */
export const slug = (text: string, otherwise: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60) || otherwise;

/** The name, or the name with the first number that makes it new; it is taken from then on. */
export function distinctName(name: string, used: Set<string>): string {
  let unique = name;
  for (let count = 2; used.has(unique); count += 1) unique = `${name}-${count}`;
  used.add(unique);
  return unique;
}
