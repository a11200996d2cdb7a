import type { Group } from '../../group.ts';

/**
 * What is installed, from the databases of the package managers; what is held back; and from which hosts more would
 * come, as \`FILE<tab>LINE<tab>HOST\`. An address of a repository may hold a password: nothing but the host is told.
 * Hosts of the distribution itself are left out.
 */
const OWN_HOSTS =
  '(^|[.])(debian[.]org|ubuntu[.]com|centos[.]org|redhat[.]com|fedoraproject[.]org|almalinux[.]org|rockylinux[.]org|opensuse[.]org|suse[.]com|alpinelinux[.]org|archlinux[.]org|oracle[.]com|amazonlinux[.]com)$';

const PARTS = `
root=$1
packages() {
  if [ -e "$root/var/lib/dpkg/status" ]; then
    echo dpkg
    dpkg-query --admindir="$root/var/lib/dpkg" -W -f='\${db:Status-Abbrev}\\t\${Package}\\t\${Version}\\t\${Architecture}\\n'
  elif [ -d "$root/var/lib/rpm" ] || [ -d "$root/usr/lib/sysimage/rpm" ]; then
    echo rpm
    rpm \${root:+--root "$root"} -qa --qf 'ii\\t%{NAME}\\t%{VERSION}-%{RELEASE}\\t%{ARCH}\\n'
  elif [ -e "$root/lib/apk/db/installed" ]; then
    echo apk
    awk -F: '$1 == "P" { name = $2 } $1 == "V" { version = substr($0, 3) } $1 == "A" { arch = $2 }
      /^$/ && name != "" { print "ii\\t" name "\\t" version "\\t" arch; name = "" }' "$root/lib/apk/db/installed"
  elif [ -d "$root/var/lib/pacman/local" ]; then
    echo pacman
    ls -1 "$root/var/lib/pacman/local" | sed -n 's/^\\(.*\\)-\\([^-]*-[^-]*\\)$/ii	\\1	\\2	/p'
  else
    echo none
  fi
}
held() {
  awk '/^[ \\t]*(#|$)/ || /^\\[/ { next }
    FILENAME ~ /versionlock[.]list$/ { print $1 }
    FILENAME ~ /versionlock[.]toml$/ && /^[ \\t]*name[ \\t]*=/ { gsub(/.*=[ \\t]*|["\\047]/, ""); print }
    FILENAME ~ /locks$/ && /^solvable_name:/ { print $2 }
    FILENAME ~ /[.]conf$/ && /^[ \\t]*(exclude|excludepkgs|IgnorePkg)[ \\t]*=/ { sub(/^[^=]*=[ \\t]*/, ""); gsub(/[ \\t,]+/, "\\n"); print }
  ' $(for file in etc/yum/pluginconf.d/versionlock.list etc/dnf/plugins/versionlock.list etc/dnf/versionlock.toml \\
      etc/zypp/locks etc/yum.conf etc/dnf/dnf.conf etc/pacman.conf; do
      [ -r "$root/$file" ] && printf '%s\\n' "$root/$file"; done) /dev/null
}
repositories() {
  find "$root/etc/apt/sources.list" "$root/etc/apt/sources.list.d" "$root/etc/yum.repos.d" "$root/etc/zypp/repos.d" \\
    "$root/etc/apk/repositories" "$root/etc/pacman.conf" "$root/etc/pacman.d/mirrorlist" -maxdepth 1 -type f \\
    \\( -name '*.list' -o -name '*.sources' -o -name '*.repo' -o -name repositories -o -name pacman.conf -o -name mirrorlist \\) \\
    -exec awk -v own='${OWN_HOSTS}' -v skip="\${#root}" '
    function flush(   at) { for (at = 1; at <= kept; at++) if (!off) print keep[at]; kept = 0; off = 0 }
    FNR == 1 { flush(); file = substr(FILENAME, skip + 1) }
    /^[ \\t]*$/ && file ~ /[.]sources$/ { flush() }
    /^[ \\t]*\\[/ { flush() }
    /^[ \\t]*[#;]/ { next }
    tolower($0) ~ /^[ \\t]*enabled[ \\t]*[=:][ \\t]*(0|no|false|off)/ { off = 1 }
    {
      line = $0
      while (match(line, /:\\/\\/[^ \\t\\/"\\047]+/)) {
        host = substr(line, RSTART + 3, RLENGTH - 3)
        line = substr(line, RSTART + RLENGTH)
        if (host !~ /@/ && match(line, /^[^ \\t]*@/)) { host = substr(line, RLENGTH + 1); sub(/[ \\t\\/].*/, "", host) }
        sub(/^.*@/, "", host); sub(/:[0-9]*$/, "", host)
        if (host ~ /^[A-Za-z0-9.-]+$|^\\[[0-9a-fA-F:]+\\]$/ && tolower(host) !~ own && kept < 100) keep[++kept] = file "\\t" FNR "\\t" host
      }
    }
    END { flush() }' {} + 2>/dev/null | head -n 400
}
part packages packages
part packages-held held
part repositories repositories
`;

export const PACKAGES: Group = { name: 'packages', parts: PARTS };
