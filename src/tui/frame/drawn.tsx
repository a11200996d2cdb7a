import { Box, Text } from 'ink';
import { memo } from 'react';
import type { Line, Span } from '../text/line.ts';
import type { Theme } from '../theme.ts';

interface DrawnProps {
  readonly lines: readonly Line[];
  readonly theme: Theme;
}

/** Lines as Ink draws them: one Text a row, the cheapest that there is. */
export function Drawn({ lines, theme }: DrawnProps) {
  return (
    <Box flexDirection="column">
      {lines.map((each, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen is its place
        <Row key={index} line={each} theme={theme} />
      ))}
    </Box>
  );
}

const Row = memo(
  function Row({ line, theme }: { readonly line: Line; readonly theme: Theme }) {
    if (line.every(({ text, inverse }) => inverse !== true && text.trim() === '')) return <Text> </Text>;
    return (
      <Text wrap="truncate">
        {joined(line).map(({ text, tone, bold, inverse }, index) => (
          <Text
            // biome-ignore lint/suspicious/noArrayIndexKey: a span has no identity but its place in the line
            key={index}
            {...theme[tone ?? 'plain']}
            {...(bold ? { bold } : {})}
            {...(inverse ? { inverse } : {})}
          >
            {text}
          </Text>
        ))}
      </Text>
    );
  },
  (before, after) => before.theme === after.theme && isSameLine(before.line, after.line),
);

/** Neighbours that look alike in one piece, blanks with whatever stands before: Ink pays for every piece of every row. */
function joined(line: Line): Line {
  const out: Span[] = [];
  for (const each of line) {
    const before = out.at(-1);
    const alike =
      before !== undefined &&
      before.inverse === each.inverse &&
      (each.text.trim() === '' || (before.tone === each.tone && before.bold === each.bold));
    if (alike) out[out.length - 1] = { ...before, text: before.text + each.text };
    else out.push(each);
  }
  // Blanks at the end are there anyway, and cost as much as letters.
  const last = out.at(-1);
  if (last !== undefined && last.inverse !== true)
    out[out.length - 1] = { ...last, text: last.text.trimEnd() };
  return out;
}

/** Most rows are the same as a second ago; React then leaves them alone. */
export function isSameLine(a: Line, b: Line): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  return a.every((part, index) => {
    const other = b[index];
    return (
      other !== undefined &&
      part.text === other.text &&
      part.tone === other.tone &&
      part.bold === other.bold &&
      part.inverse === other.inverse
    );
  });
}
