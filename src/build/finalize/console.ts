import type { Fixup, TreeCommand } from '../../journal/proof-facts.ts';
import { file, fixupOf } from './edit.ts';
import { holdsSecret } from './secrets.ts';
import { filesLike, type Tree } from './tree.ts';
import type { FinalizeWish } from './wish.ts';

/**
 * What a kernel is told in a proof: both consoles, the serial one last so that it is /dev/console, and to speak although
 * the line says `quiet`, because what stands last holds.
 */
export const CONSOLE_WORDS =
  'console=tty0 console=ttyS0,115200n8 loglevel=7 systemd.show_status=1 plymouth.enable=0';

/** Lines with words for a kernel, by the file in which they stand. */
const LINES: readonly (readonly [files: RegExp, line: RegExp])[] = [
  [/^\/boot\/(?:grub2?|efi\/EFI\/[^/]+)\/grub\.cfg$/, /^[ \t]*linux(?:16|efi)?[ \t]+\S/],
  [/\/loader\/entries\/[^/]+\.conf$/, /^[ \t]*options(?:[ \t]|$)/],
  [/^\/boot\/extlinux\/extlinux\.conf$/, /^[ \t]*append(?:[ \t]|$)/i],
];

/** In the overlay of a proof only: the serial console is how the copy is heard. */
export function consoleFixup(tree: Tree, { proof }: FinalizeWish): Fixup | undefined {
  if (proof === undefined) return undefined;
  let lines = 0;
  const commands: TreeCommand[] = [];
  const edits = LINES.flatMap(([files, pattern]) =>
    filesLike(tree, files).map(({ path, entry, text }) => {
      const after = text
        .split('\n')
        .map(line => {
          if (!pattern.test(line)) return line;
          lines += 1;
          return line.trimEnd().endsWith(CONSOLE_WORDS) ? line : `${line.trimEnd()} ${CONSOLE_WORDS}`;
        })
        .join('\n');
      if (after === text || !holdsSecret(text)) return file(tree, path, after);
      commands.push(appended(entry.real, pattern));
      return undefined;
    }),
  );
  return fixupOf(
    {
      id: 'console',
      title: 'have the kernel speak on the serial line',
      why: 'A proof reads there how the copy comes up, and why it does not.',
    },
    {
      edits,
      commands,
      warnings:
        lines > 0
          ? []
          : [
              'No boot loader entry was found: unless its kernel uses the serial line by itself, the copy will be silent.',
            ],
    },
  );
}

/** A file with a password is changed where it stands, so that its text is in no journal. */
function appended(path: string, line: RegExp): TreeCommand {
  const pattern = line.source.replaceAll('\\t', '\t').replaceAll('(?:', '(').replaceAll('\\S', '[^ \t]');
  const flags = line.flags.includes('i') ? 'I' : '';
  return {
    argv: ['sed', '-i', '-E', `/${pattern}/${flags} s/[[:space:]]*$/ ${CONSOLE_WORDS}/`, path],
    why: 'it holds a password, so its text is not shown',
  };
}
