/** Kinds of file systems that are another server's, or that wake one where they are looked at. */
export const REMOTE_TYPES =
  '^(nfs4?|cifs|smb3|smbfs|ncpfs|afs|9p|ceph|glusterfs|lustre|gpfs|beegfs|coda|davfs|autofs|fuse[.].*)$';

/**
 * File systems of other servers, from what the kernel and the configuration say of them; no such place is ever touched,
 * because a server that is gone would hold the question up for ever. One line each: where it is said, MOUNTPOINT, TYPE,
 * SOURCE, ADDRESS. Of options only the address leaves the host, of a source no credentials.
 */
export const SHARES_FUNCTIONS = String.raw`
mounted() {
  awk -v remote='${REMOTE_TYPES}' '
    {
      for (at = 7; at <= NF && $at != "-"; at++);
      type = $(at + 1); source = $(at + 2); address = ""
      if (type !~ remote) next
      sub(/\/\/[^@\/]*@/, "//", source); sub(/^[^@\/]*@/, "", source)
      if (match("," $(at + 3), /,addr=[^,]*/)) address = substr("," $(at + 3), RSTART + 6, RLENGTH - 6)
      print "mount\t" $5 "\t" type "\t" source "\t" address
    }' "$root/proc/self/mountinfo"
}
automounts() {
  set --
  for file in "$root"/etc/auto.master "$root"/etc/auto.master.d/*.autofs "$root"/etc/auto.* "$root"/etc/autofs/auto.*; do
    [ -f "$file" ] && [ -r "$file" ] && set -- "$@" "$file"
  done
  [ "$#" -gt 0 ] || return 0
  awk '
    /^[ \t]*(#|$|\+)/ { next }
    { name = FILENAME; sub(/^.*\//, "", name) }
    FILENAME ~ /auto\.master/ {
      map = $2; sub(/^.*[\/:]/, "", map)
      if ($1 ~ /^\// && !(map in below)) below[map] = $1
      next
    }
    !(name in below) || done[FILENAME, FNR]++ { next }
    {
      place = $1; type = "nfs"; source = ""
      for (at = 2; at <= NF; at++) {
        if ($at ~ /^-/) { if (match($at, /fstype=[^,]*/)) type = substr($at, RSTART + 7, RLENGTH - 7) }
        else if (source == "") source = $at
      }
      if (source !~ /:/) next
      sub(/^:/, "", source); sub(/\/\/[^@\/]*@/, "//", source); sub(/^[^@\/]*@/, "", source)
      base = below[name]
      print "automount\t" (place ~ /^\// ? place : base "/" place) "\t" type "\t" source "\t"
    }' "$@"
}
mount_units() {
  set --
  for file in "$root"/etc/systemd/system/*.mount "$root"/usr/local/lib/systemd/system/*.mount; do
    [ -f "$file" ] && [ -r "$file" ] && set -- "$@" "$file"
  done
  [ "$#" -gt 0 ] || return 0
  awk '
    function told() {
      sub(/\/\/[^@\/]*@/, "//", what); sub(/^[^@\/]*@/, "", what)
      if (what != "" && place != "") print "unit\t" place "\t" type "\t" what "\t"
      what = place = type = ""
    }
    FNR == 1 { told() }
    /^What[ \t]*=/ { what = $0; sub(/^[^=]*=[ \t]*/, "", what) }
    /^Where[ \t]*=/ { place = $0; sub(/^[^=]*=[ \t]*/, "", place) }
    /^Type[ \t]*=/ { type = $0; sub(/^[^=]*=[ \t]*/, "", type) }
    END { told() }' "$@"
}
`;

/** Counters of connections to NFS servers, and what the kernel said of servers that do not answer. */
export const NFS_STATS_FUNCTIONS = String.raw`
nfs_stats() {
  [ -r "$root/proc/self/mountstats" ] || return 1
  awk '
    /^device / { place = $5; next }
    $1 == "xprt:" && $2 == "tcp" && place != "" { print place "\t" $8 "\t" $9 }
  ' "$root/proc/self/mountstats"
}
ring() {
  command -v dmesg >/dev/null 2>&1 || return 127
  said=$(dmesg 2>/dev/null) || return 1
  printf '%s\n' "$said" | awk '
    match($0, /nfs: server [^ ]+ (not responding|OK)/) { print substr($0, RSTART, RLENGTH) }
    /CIFS/ && match($0, /[^ ]+ has not responded/) { print substr($0, RSTART, RLENGTH) }' | tail -n 200
}
`;
