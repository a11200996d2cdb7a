/** The few Markdown constructs that reports use. Every text that goes in is escaped here and nowhere else. */

/** Text inside a line that renders as itself: no markup, no HTML, no table cell border, no automatic link. */
export function escapeInline(text: string): string {
  return (
    text
      .replace(/[\\`*[\]|~]/g, mark => `\\${mark}`)
      // An underscore between letters or digits is no markup, and names are full of them.
      .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('://', ':\\//')
      .replace(/\bwww\./gi, www => `${www.slice(0, 3)}\\.`)
  );
}

/** The same for text that may begin a line: it starts no heading, list, quote or code block either. */
export function escapeMarkdown(text: string): string {
  return escapeInline(text)
    .replace(/^\s+/, '')
    .replace(/^([#+=>-])/, '\\$1')
    .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2');
}

/** Text inside a line shown verbatim; the marks are longer than any run of backticks inside. */
export function code(text: string): string {
  const marks = '`'.repeat(longestRun([text]) + 1);
  // A space is taken off each end where both have one, and a backtick must not touch the marks.
  const space = /^[` ]|[` ]$/.test(text) ? ' ' : '';
  return `${marks}${space}${text}${space}${marks}`;
}

const longestRun = (lines: readonly string[]): number =>
  Math.max(0, ...lines.flatMap(line => (line.match(/`+/g) ?? []).map(run => run.length)));

/** Lines shown verbatim; the fence is longer than any run of backticks inside. */
export function fenced(language: string, lines: readonly string[]): string[] {
  const fence = '`'.repeat(Math.max(3, longestRun(lines) + 1));
  return [`${fence}${language}`, ...lines, fence, ''];
}
