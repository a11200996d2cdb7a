import { INSIDE_SH } from './inside.ts';

/**
 * One edit. $1 root, $2 path without its slash, $3 file, link, directory or absent, $4 mode; a file's text or a link's
 * target on standard input. The way to the path must hold no symbolic link, so that nothing outside the copy is
 * touched. A file is replaced whole or not at all, and the new one has owner and labels of the old one.
 */
export const EDIT_SCRIPT = `root=\${1%/} path=$2 kind=$3 mode=$4
${INSIDE_SH}
parent=\${path%/*} name=\${path##*/}
[ "$parent" != "$path" ] || parent=
case $name in ''|.|..) echo "no name: $path" >&2; exit 20 ;; esac
inside "$parent" && [ "$place" = "\${parent:+/$parent}" ] ||
  { echo "a symbolic link is on the way to $path" >&2; exit 20; }
umask 022
at=$root/$path new=$root/$path.landfall-$$
# The copy may have a link of that very name, and it must not be followed.
rm -rf -- "$new"
trap 'rm -f -- "$new"' EXIT
[ "$kind" = absent ] || mkdir -p -- "$root/$parent" || exit 20
case $kind in
  directory) mkdir -p -- "$at" && chmod "$mode" "$at" ;;
  absent) rm -f -- "$at" ;;
  link)
    target=$(cat) && ln -s -- "$target" "$new" && mv -fT -- "$new" "$at" ;;
  file)
    if [ -f "$at" ] && [ ! -L "$at" ]; then cp -a -- "$at" "$new" || exit 20; fi
    cat > "$new" && chmod "$mode" "$new" && mv -fT -- "$new" "$at" ;;
  *) echo "no kind: $kind" >&2; exit 20 ;;
esac`;

/** Every command in a copy holds this file open as descriptor 9: by that it is found again. */
export const IN_TREE_MARK = '/run/landfall-in-tree';

/**
 * Ends what an earlier command has left running in the copy: a lost connection or a cancelled step stops no process on
 * a host. $1 the mark: whoever holds it goes, and with the first of its namespace all that it has started.
 */
export const END_SCRIPT = `for fd in /proc/[0-9]*/fd/9; do
  [ -e "$fd" ] && [ "$(readlink "$fd")" = "$1" ] || continue
  pid=\${fd#/proc/}
  kill -KILL "\${pid%%/*}" 2>/dev/null || :
done`;

/**
 * A command in the copy. $1 root, $2 the mark, the rest its words. Runs in namespaces of its own, so what it mounts
 * needs nobody to unmount it. /run and /tmp are the command's alone; udev's database is lent because LVM waits for it
 * otherwise.
 */
export const IN_TREE_SCRIPT = `set -e
root=\${1%/} mark=$2; shift 2
exec 9> "$mark"
mount --make-rprivate /
mount --rbind /dev "$root/dev"
mount --make-rslave "$root/dev"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --make-rslave "$root/sys"
mount -t tmpfs -o mode=0755 tmpfs "$root/run"
mkdir -p "$root/run/lock" "$root/run/udev"
[ ! -d /run/udev ] || mount --bind /run/udev "$root/run/udev"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C chroot "$root" "$@"`;
