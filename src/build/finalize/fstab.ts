import type { Fixup } from '../../journal/proof-facts.ts';
import { file, fixupOf } from './edit.ts';
import { judgeSpec } from './specs.ts';
import { type Tree, textAt } from './tree.ts';
import type { FinalizeWish } from './wish.ts';

const PATH = '/etc/fstab';
const NETWORK_TYPES = /^(?:nfs4?|cifs|smb3|smbfs|glusterfs|ceph|fuse\.sshfs|ncpfs|9p|virtiofs)$/;
const WITHOUT_DEVICE =
  /^(?:tmpfs|proc|sysfs|devpts|devtmpfs|cgroup2?|debugfs|tracefs|securityfs|hugetlbfs|mqueue|overlay|fuse\..*)$/;

/** Names of devices that are gone become UUIDs where the layout says which; what nobody can explain is told. */
export function fstabFixup(tree: Tree, wish: FinalizeWish): Fixup | undefined {
  const text = textAt(tree, PATH);
  if (text === undefined) return undefined;
  const warnings: string[] = [];
  const after = text
    .split('\n')
    .map((line, at) => {
      const edited = fstabLine(line, at + 1, tree, wish);
      warnings.push(...edited.warnings);
      return edited.line;
    })
    .join('\n');
  return fixupOf(
    {
      id: 'fstab',
      title: 'mount what is on the disks of the target',
      why: 'A file system that fstab names and no disk has stops the boot in an emergency shell.',
    },
    { edits: [file(tree, PATH, after)], warnings },
  );
}

function fstabLine(
  line: string,
  number: number,
  tree: Tree,
  wish: FinalizeWish,
): { line: string; warnings: string[] } {
  const [, lead = '', spec, gap = '', rest = ''] = /^(\s*)([^\s#]\S*)(\s+)(.*)$/.exec(line) ?? [];
  const [rawPoint, type = 'auto', rawOptions = ''] = rest.split(/\s+/);
  if (spec === undefined || rawPoint === undefined) return { line, warnings: [] };
  const mountpoint = decoded(rawPoint);
  const options = rawOptions.split(',');
  if (options.includes('noauto') || WITHOUT_DEVICE.test(type)) return { line, warnings: [] };
  if (NETWORK_TYPES.test(type)) return { line, warnings: networkMount(spec, mountpoint, number, wish) };
  if (options.includes('bind') || options.includes('rbind')) return { line, warnings: [] };

  const verdict = judgeSpec(decoded(spec), meantAt(mountpoint, type, wish), wish);
  if (!options.includes('nofail') && isMissing(mountpoint, type, tree, wish)) {
    const [, point = '', kind = '', tail = ''] = /^(\S+\s+\S+\s+)(\S+)(.*)$/.exec(rest) ?? [];
    const by = verdict.is === 'replace' ? verdict.by : spec;
    const words = `${PATH}, line ${number} (${spec} at ${mountpoint}): its disk came after the last copy and is empty in this one; the boot does not wait for it.`;
    if (point !== '') return { line: `${lead}${by}${gap}${point}${kind},nofail${tail}`, warnings: [words] };
  }
  if (verdict.is === 'replace') return { line: lead + verdict.by + gap + rest, warnings: [] };
  if (verdict.is === 'fine' || options.includes('nofail')) return { line, warnings: [] };
  const effect =
    type === 'swap'
      ? 'the boot waits for it in vain, at the source too'
      : 'the machine would not come up, at the source neither';
  return {
    line,
    warnings: [
      `${PATH}, line ${number} (${spec} at ${mountpoint}): ${verdict.why}; ${effect}. It is left as it is.`,
    ],
  };
}

/** A file system of the source that no disk of the copy has, where the disks tell what is on them. */
function isMissing(mountpoint: string, type: string, { blocks }: Tree, { guest }: FinalizeWish): boolean {
  if (type === 'swap' || mountpoint === '/') return false;
  const uuidAt = (path: string): string | undefined =>
    guest.fileSystems.find(fs => fs.mountpoint === path)?.uuid.toLowerCase();
  const isThere = (uuid: string): boolean => blocks.some(block => block.uuid?.toLowerCase() === uuid);
  const [root, own] = [uuidAt('/'), uuidAt(mountpoint)];
  return root !== undefined && own !== undefined && own !== '' && isThere(root) && !isThere(own);
}

/** What is mounted there at the source; of several swaps nobody knows which was meant. */
function meantAt(mountpoint: string, type: string, { guest }: FinalizeWish): string | undefined {
  if (type !== 'swap') return guest.fileSystems.find(fs => fs.mountpoint === mountpoint)?.uuid;
  const swaps = guest.swap.flatMap(swap => swap.uuid ?? []);
  return swaps.length === 1 ? swaps[0] : undefined;
}

function networkMount(spec: string, mountpoint: string, line: number, { purpose }: FinalizeWish): string[] {
  if (purpose !== 'proof') return [];
  return [
    `${PATH}, line ${line}: ${spec} at ${mountpoint} cannot be mounted in a proof, which has no network.`,
  ];
}

/** fstab writes blanks in names as octal numbers. */
const decoded = (field: string): string =>
  field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
