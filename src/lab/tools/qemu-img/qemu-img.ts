import { differing } from '../../blocks/clusters.ts';
import { mapPath } from '../../hosts/mounts.ts';
import { type Answer, answer, refusal, type SimHost, type ToolCall } from '../../world/world.ts';
import { parseOptions, type ToolOptions, usageError } from '../options.ts';
import type { Tool } from '../tool-box.ts';
import { type Chained, chainOf } from './chain.ts';
import { commitImage, type PoolParts, rebase } from './commit.ts';
import { infoJson, infoText } from './info.ts';
import { type Found, findImage, hostPath, viewOf } from './places.ts';
import { mapJson, openRange, type Readable, readOptions, writeRaw } from './ranges.ts';

/** qemu-img on a simulated hypervisor. */

const FLAGS = ['-U', '--force-share', '-q', '-u', '-s', '-n', '-d', '--backing-chain', '--image-opts'];
const VALUED = ['--output', '-r', '-f', '-F', '-b', '-O'];

interface Call extends ToolOptions {
  readonly host: SimHost;
  readonly cwd: string | undefined;
}
type Verb = (call: Call) => Answer | Promise<Answer>;

const isShared = ({ flags }: Call): boolean => flags.has('-U') || flags.has('--force-share');
const locked = (file: string): string =>
  `Failed to get shared "write" lock\nIs another process using the image [${file}]?`;
const cannotOpen = (file: string, why: string): Answer =>
  refusal(`qemu-img: Could not open '${file}': ${why}\n`);

export function qemuImg(parts: PoolParts): Tool {
  /** The image of the first operand, or what QEMU says. */
  const opened = (call: Call, file: string): Found | Answer => {
    const found = findImage(parts, call.host, hostPath(call.cwd, file));
    if (found === undefined) return cannotOpen(file, `Could not open '${file}': No such file or directory`);
    if (found === 'damaged') return cannotOpen(file, 'Image is not in qcow2 format');
    const format = call.values.get('-f');
    if (format === 'qcow2' && found.format === 'raw') return cannotOpen(file, 'Image is not in qcow2 format');
    return found.isLocked && !isShared(call) ? cannotOpen(file, locked(file)) : found;
  };
  const range = (call: Call): Readable | Answer => {
    const [words = ''] = call.operands;
    if (!call.flags.has('--image-opts')) {
      const found = opened(call, words);
      if ('code' in found) return found;
      const view = viewOf(parts, found);
      return view === undefined
        ? refusal('qemu-img: the lab reads ranges of disks, not of images that travel\n')
        : { view, dirty: undefined, from: 0, to: found.bytes };
    }
    const wanted = readOptions(words, call.cwd);
    if (typeof wanted === 'string') return cannotOpen(words, wanted);
    const found = openRange(parts, call.host, wanted, isShared(call));
    return typeof found === 'string' ? cannotOpen(words, found) : found;
  };

  const verbs: Readonly<Record<string, Verb>> = {
    info(call) {
      const [file = ''] = call.operands;
      const found = opened(call, file);
      if ('code' in found) return found;
      const chain: Chained = call.flags.has('--backing-chain')
        ? chainOf(parts, call.host, found, isShared(call))
        : { images: [found], missing: undefined };
      if (chain.missing !== undefined) return cannotOpen(chain.missing.file, chain.missing.why);
      if (call.values.get('--output') !== 'json') return answer(chain.images.map(infoText).join('\n'));
      const all = chain.images.map(infoJson);
      return answer(`${JSON.stringify(call.flags.has('--backing-chain') ? all : all[0], null, 4)}\n`);
    },
    check(call) {
      const [file = ''] = call.operands;
      const found = opened(call, file);
      if ('code' in found) return found;
      const { missing } = chainOf(parts, call.host, found, isShared(call));
      if (missing !== undefined) return cannotOpen(file, `Could not open backing file: ${missing.why}`);
      if (found.format === 'raw') return refusal('qemu-img: This image format does not support checks\n', 63);
      return answer(call.flags.has('-q') ? '' : 'No errors were found on the image.\n');
    },
    map(call) {
      if (call.values.get('--output') !== 'json')
        return refusal("qemu-img: the lab knows 'map' with --output=json only\n");
      const found = range(call);
      return 'code' in found ? found : answer(mapJson(found));
    },
    convert(call) {
      const [, target = ''] = call.operands;
      if (call.values.get('-O') !== 'raw' || target === '')
        return refusal("qemu-img: the lab knows 'convert' of one range with -O raw only\n");
      const found = range(call);
      if ('code' in found) return found;
      writeRaw(mapPath(parts.world.directory, call.host.mounts, hostPath(call.cwd, target)), found);
      return answer('');
    },
    compare(call) {
      const [a = '', b = ''] = call.operands;
      const [first, second] = [opened(call, a), opened(call, b)];
      if ('code' in first) return { ...first, code: 2 };
      if ('code' in second) return { ...second, code: 2 };
      const [one, other] = [viewOf(parts, first), viewOf(parts, second)];
      if (one === undefined || other === undefined)
        return refusal('qemu-img: the lab compares disks, not images that travel\n', 2);
      const [unlike] = differing(one, other);
      if (unlike === undefined) return answer(call.flags.has('-q') ? '' : 'Images are identical.\n');
      return answer(call.flags.has('-q') ? '' : `Content mismatch at offset ${unlike * 65_536}!\n`, 1);
    },
    rebase(call) {
      const [file = ''] = call.operands;
      const found = opened(call, file);
      if ('code' in found) return found;
      if (!call.flags.has('-u')) return refusal("qemu-img: the lab knows 'rebase' with -u only\n");
      return rebase(parts, call.host, found, {
        backing: call.values.get('-b') ?? '',
        format: call.values.get('-F'),
        cwd: call.cwd,
      });
    },
    async commit(call) {
      const [file = ''] = call.operands;
      const found = opened(call, file);
      if ('code' in found) return found;
      const failed = await commitImage(parts, call.host, found);
      return failed ?? answer(call.flags.has('-q') ? '' : 'Image committed.\n');
    },
  };

  return async ({ host, args, cwd }: ToolCall) => {
    const [verb = '', ...words] = args;
    const run = verbs[verb];
    if (run === undefined) return refusal(`qemu-img: Command not found: ${verb}\n`);
    const parsed = parseOptions(words, FLAGS, VALUED);
    if (!parsed.ok) return refusal(usageError('qemu-img', parsed));
    if (parsed.operands.length === 0) return refusal('qemu-img: Expecting one image file name\n');
    await parts.pools.adopt(host.id);
    return run({ ...parsed, host, cwd });
  };
}
