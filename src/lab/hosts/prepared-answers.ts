import path from 'node:path';
import { writeWhole } from '../directory/write-whole.ts';
import { realMounts } from '../tools/storage-tools.ts';
import type { ToolBox } from '../tools/tool-box.ts';
import { devices } from '../world/block-devices.ts';
import { KERNEL } from '../world/layout.ts';
import type { SimHost } from '../world/world.ts';
import { locate } from './real-tools.ts';
import { quote } from './shell-words.ts';

/** What scripts ask most is answered from files, so that no script has to wait for a client program to start. */

const LSBLK = ['-J', '-b', '-o', 'NAME,PATH,TYPE,SIZE,FSTYPE,UUID,PARTUUID,SERIAL,PKNAME'];
const FINDMNT = ['-J', '-b', '--real', '-o', 'TARGET,SOURCE,FSTYPE,UUID,LABEL,SIZE,USED'];
const MOUNTED = ['-J', '--real', '-o', 'TARGET,SOURCE,FSTYPE,UUID'];

const REPORT = ['--readonly', '--noheadings', '--nosuffix', '--units', 'b', '--separator', '|'];

function questions(host: SimHost): [tool: string, args: string[]][] {
  if (host.role === 'hypervisor') return [];
  const mounts = realMounts(host).map(({ path }) => path);
  const disks = devices(host).filter(({ kind }) => kind === 'disk');
  const always: [string, string[]][] = [
    ['lsblk', LSBLK],
    ['uname', ['-r']],
    ['uname', ['-m']],
    ['hostname', []],
    ['ip', ['-j', 'addr']],
    ['ss', ['-H', '-tulnp']],
    ['ss', ['-H', '-tunap']],
    ['systemctl', ['list-units', '--state=running,failed', '--plain', '--no-legend']],
    ['systemctl', ['list-units', '--state=failed', '--plain', '--no-legend', '--no-pager']],
    ['systemctl', ['list-jobs', '--no-legend', '--no-pager']],
    ['systemctl', ['list-timers', '--all', '--no-legend']],
    ['systemctl', ['is-system-running']],
    ['lsinitramfs', [`/boot/initrd.img-${KERNEL}`]],
    ['ip', ['-o', 'addr']],
    ['ip', ['route']],
    ['hostname', ['-I']],
    ['pvs', [...REPORT, '-o', 'pv_name,vg_name,pv_uuid,pv_size']],
    ['vgs', [...REPORT, '-o', 'vg_name,vg_uuid,vg_seqno,vg_free,vg_extent_size']],
    ['lvs', [...REPORT, '-o', 'vg_name,lv_name,lv_uuid,lv_size,segtype,lv_attr', '-a']],
    ...disks.map(({ path }): [string, string[]] => ['sfdisk', ['--dump', path]]),
    ...host.mounts.flatMap(({ path }): [string, string[]][] => [
      ['mountpoint', ['-q', path]],
      ['mountpoint', ['-q', `${path}/`]],
    ]),
  ];
  // A replica fills up all the time, so what it uses is asked for anew; a source hardly moves.
  const settled: [string, string[]][] = [
    ['findmnt', FINDMNT],
    ['findmnt', MOUNTED],
    ['df', ['-i', '-P', ...mounts]],
    ...mounts.map((path): [string, string[]] => ['df', ['-i', '-P', path]]),
  ];
  // A receiver's disks come and go too fast for answers that were prepared.
  return host.role === 'receiver' ? always : [...always, ...settled];
}

export async function prepareAnswers(host: SimHost, tools: ToolBox): Promise<void> {
  const byTool = new Map<string, { args: string[]; stdout: string }[]>();
  for (const [tool, args] of questions(host)) {
    const { stdout, code } = await tools.run({ host, tool, args, stdin: Buffer.alloc(0) });
    const known = byTool.get(tool) ?? [];
    byTool.set(tool, known);
    if (code === 0) known.push({ args, stdout });
  }
  for (const [tool, answers] of byTool) writeAnswers(host, tool, answers);
}

/** Answers that scripts can have without asking the lab: argv and stdout of a command that succeeds. */
function writeAnswers(
  host: SimHost,
  tool: string,
  answers: readonly { readonly args: readonly string[]; readonly stdout: string }[],
): void {
  const directory = path.join(host.directory, 'answers');
  const cat = quote(locate('cat') ?? '/bin/cat');
  const cases = answers.map(({ args, stdout }, index) => {
    const file = `${tool}.${index}`;
    writeWhole(path.join(directory, file), stdout);
    return `  ${quote(args.map(arg => ` ${arg}`).join(''))}) exec ${cat} "$_lf_answers"/${file} ;;`;
  });
  writeWhole(path.join(directory, `${tool}.sh`), ['case $_lf_key in', ...cases, 'esac', ''].join('\n'));
}
