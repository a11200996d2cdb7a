import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * LVM and mount on a machine, as far as a pass uses them, as scripts over two directories: a snapshot is a copy of the
 * source's tree. `tool` puts a script in front of the machine's PATH.
 */
export class FakeVolumes {
  readonly root: string;

  constructor(root: string, source: string, tool: (name: string, script: string) => void) {
    this.root = root;
    mkdirSync(path.join(root, 'lvs'), { recursive: true });
    writeFileSync(this.table, '');
    this.use('12.50');
    const words = `T=${root} S=${source}`;
    tool(
      'lvcreate',
      `${words}
[ ! -e $T/refuse ] || { echo "  Volume group has insufficient free space"; exit 5; }
while [ $# -gt 1 ]; do [ "$1" != -n ] || name=$2; shift; done
echo "  \${1%/*} $name" >> $T/table
cp -a $S $T/lvs/$name`,
    );
    tool(
      'lvs',
      `${words}
case "$*" in
  *vg_name*) cat $T/table ;;
  *lv_attr*) echo "  swi-aos---" ;;
  *data_percent*) cat $T/percent ;;
esac`,
    );
    tool(
      'lvremove',
      `${words}
name=\${2#*/}
rm -rf $T/lvs/$name
grep -v " $name\\$" $T/table > $T/table.new
mv $T/table.new $T/table`,
    );
    tool(
      'mount',
      `${words}
[ "$1 $2 $3" = '-t ext4 -o' ] || { echo "mount: $*" >&2; exit 1; }
name=$(echo "\${5##*/}" | sed 's/--/-/g; s/^vg-//')
cp -a $T/lvs/$name/. "$6"/`,
    );
    tool('umount', 'rm -rf "$1"/* "$1"/.[!.]*');
  }

  private get table(): string {
    return path.join(this.root, 'table');
  }

  /** Percent of its room that every snapshot has used. */
  use(percent: string): void {
    writeFileSync(path.join(this.root, 'percent'), `  ${percent}\n`);
  }

  /** From now on no snapshot can be taken. */
  refuse(): void {
    writeFileSync(path.join(this.root, 'refuse'), '');
  }

  /** A snapshot that somebody has left. */
  leave(name: string): void {
    writeFileSync(this.table, `${readFileSync(this.table, 'utf8')}  vg ${name}\n`);
  }

  /** The names of all volumes but the origin. */
  get names(): string[] {
    if (!existsSync(this.table)) return [];
    return readFileSync(this.table, 'utf8')
      .split('\n')
      .flatMap(line => line.trim().split(' ')[1] ?? []);
  }
}
