import type { Group } from '../../group.ts';

/**
 * Certificates: those that a server's configuration names come first, then what looks like one. Of each file the first
 * certificate and nothing else leaves the host: a private key may stand right beside it. Stores of authorities, which
 * come with the system, and the insides of containers are left out.
 */
const MOST_FILES = 200;

const PARTS = `
root=$1
eval "$real_places"
named() {
  for place in nginx apache2 httpd haproxy postfix dovecot exim4 ldap openldap mysql postgresql vsftpd lighttpd stunnel; do
    place=$root/etc/$place
    resolve "$place" && place=$resolved && [ -d "$place" ] || continue
    local_places "$place" | while IFS= read -r part; do
      find "$part" -xdev -maxdepth 5 -type f -size -512 -exec awk '
        /^[ \\t]*#/ { next }
        tolower($0) ~ /ssl_certificate[ \\t]|sslcertificatefile|[ \\t]crt[ \\t]|tls_cert_file|tls_chain_files|ssl_cert[ \\t=]|tls_certificate|tlscertificatefile|ssl-cert[ \\t]*=|ssl_cert_file|rsa_cert_file|ssl\\.pemfile|^[ \\t]*cert[ \\t]*=/ {
          line = $0
          while (match(line, /\\/[A-Za-z0-9_.\\/@+-]+/)) { print substr(line, RSTART, RLENGTH); line = substr(line, RSTART + RLENGTH) }
        }' {} + 2>/dev/null
    done
  done | head -n 100 | while IFS= read -r path; do resolve "$root$path" && printf '%s\\n' "$resolved"; done
  resolve "$root/etc/letsencrypt/live" && place=$resolved && [ -d "$place" ] &&
    find "$place" -xdev -maxdepth 2 -name fullchain.pem 2>/dev/null | while IFS= read -r path; do resolve "$path" && printf '%s\\n' "$resolved"; done
}
looked() {
  set --
  for place in etc opt usr/local/etc usr/local/share var/lib root srv; do set -- "$@" "$root/$place"; done
  IFS='
'
  set -f
  set -- $(local_places "$@")
  unset IFS
  set +f
  [ "$#" -eq 0 ] || find "$@" -xdev -maxdepth 6 \\( -path '*/letsencrypt/archive' -o -path '*/pki/ca-trust' \\
      -o -path '*/etc/ca-certificates' -o -path '*/share/ca-certificates' -o -path '*/lib/ca-certificates' -o -name node_modules -o -name certifi -o -name .git \\
      -o -path '*/lib/docker' -o -path '*/lib/containers' -o -path '*/lib/containerd' -o -path '*/lib/lxc' -o -path '*/lib/lxd' \\
      -o -path '*/lib/incus' -o -path '*/lib/machines' -o -path '*/lib/flatpak' -o -path '*/lib/snapd' -o -path '*/lib/kubelet/pods' \\) -prune -o \\
      -type f \\( -name '*.pem' -o -name '*.crt' -o -name '*.cer' -o -name '*.cert' \\) ! -name 'ca-bundle*' ! -name 'ca-certificates*' \\
      ! -name 'cacert*' ! -path '*/etc/ssl/cert.pem' ! -name '*[-_.]key.pem' ! -name 'privkey*' ! -name 'key.pem' ! -name 'dh*.pem' \\
      -size -256 -size +0 -print 2>/dev/null
}
certificates() {
  { named; looked; } | awk '!seen[$0]++' | {
    set --
    while IFS= read -r path; do
      [ -f "$path" ] || continue
      if [ "$#" -ge ${MOST_FILES} ]; then echo '@! more'; break; fi
      if [ -r "$path" ]; then set -- "$@" "$path"; else printf '@- %s\\n' "\${path#"$root"}"; fi
    done
    [ "$#" -eq 0 ] || awk -v skip="\${#root}" '
      FNR == 1 { inside = over = lines = 0; print "@@ " substr(FILENAME, skip + 1) }
      over { next }
      /^-----BEGIN CERTIFICATE-----/ { inside = 1; next }
      /^-----/ { over = inside; next }
      inside {
        sub(/[ \\t\\r]+$/, "")
        if ($0 !~ "^[A-Za-z0-9+/=]+$" || ++lines > 120) over = 1
        else print substr($0, 1, 80)
      }' "$@" 2>/dev/null
  }
}
part certificates certificates
`;

export const CERTIFICATES: Group = { name: 'certificates', parts: PARTS };
