import type { Fixup } from '../../journal/proof-facts.ts';
import { fixupOf, kindOf } from './edit.ts';
import { type Tree, textAt } from './tree.ts';
import type { FinalizeWish } from './wish.ts';

/**
 * Labels for what the other fix-ups make: the receiver has no SELinux, so new files have none, and an enforcing
 * machine would not be allowed to read its own units.
 */
export function labelsFixup(
  tree: Tree,
  { guest }: FinalizeWish,
  others: readonly Fixup[],
): Fixup | undefined {
  if (guest.selinux !== 'enforcing' && guest.selinux !== 'permissive') return undefined;
  if (guest.rsync?.xattrs === false) return undefined;
  const about = {
    id: 'labels',
    title: 'label what was changed for SELinux',
    why: 'Files that were made outside the machine have no label, and SELinux would keep everybody from them.',
  };
  const policy = /^\s*SELINUXTYPE\s*=\s*([\w-]+)/m.exec(textAt(tree, '/etc/selinux/config') ?? '')?.[1];
  const contexts = `/etc/selinux/${policy ?? 'targeted'}/contexts/files/file_contexts`;
  const edited = others.flatMap(fixup =>
    fixup.edits.filter(edit => kindOf(edit) !== 'absent').flatMap(edit => withParents(tree, edit.path)),
  );
  const loader = others.some(fixup => fixup.commands.length > 0)
    ? ['/boot/grub2', '/boot/grub'].filter(path => tree.entries.has(path))
    : [];
  const images = others.flatMap(fixup =>
    fixup.commands.flatMap(command => command.argv.filter(word => word.startsWith('/boot/initr'))),
  );
  const paths = [...new Set([...edited, ...loader, ...images])].sort();
  if (paths.length === 0) return undefined;
  if (!tree.programs.has('setfiles') || !tree.entries.has(contexts)) {
    return fixupOf(about, {
      warnings: [
        'The copy has no setfiles: files that landfall adds carry no SELinux label and may be refused.',
      ],
    });
  }
  // Labels that cannot be set are set by the machine itself when it starts, which takes one more restart.
  const script = 'setfiles -F "$@" || : > /.autorelabel';
  return fixupOf(about, {
    commands: [{ argv: ['sh', '-c', script, 'sh', contexts, ...paths], why: `${paths.length} paths` }],
  });
}

/** A directory that an edit has to make for its file needs a label as well. */
function withParents(tree: Tree, path: string): string[] {
  const made = ['/etc/landfall', '/etc/systemd/system/sysinit.target.wants', '/etc/dracut.conf.d'];
  const parent = path.slice(0, path.lastIndexOf('/'));
  return made.includes(parent) && !tree.entries.has(parent) ? [parent, path] : [path];
}
