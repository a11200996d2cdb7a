import type { Group } from '../../group.ts';

/**
 * Machines within the machine. A question must not start an engine that stands still (their sockets do that), and not
 * make one write its state: each is asked only where its process runs, always over the local socket, and otherwise its files
 * tell. Environments of containers hold passwords and are never asked for. Lines of \`containers:state\`: what was found,
 * what keeps it from being asked.
 */
const FORMAT =
  '[{{json .Name}},{{json .Config.Image}},{{json .State.Status}},{{json .HostConfig.RestartPolicy.Name}},{{json .HostConfig.PortBindings}},{{json .Mounts}}]';

const PARTS = `
root=$1
eval "$real_places"
running=$(for place in /proc/[0-9]*/comm; do { read -r name <"$place"; } 2>/dev/null && printf ' %s ' "$name"; done)
runs() {
  [ -z "$root" ] || return 1
  case $running in *" $1 "*) return 0 ;; esac
  # Where the kernel hides the processes of others, systemd is asked, which starts nothing.
  [ ! -r /proc/1/comm ] && systemctl -q is-active "$1.service" 2>/dev/null
}
there() { resolve "$root$1" && place=$resolved && [ -e "$place" ]; }
closed() { there "$1" && { [ ! -r "$place" ] || [ ! -x "$place" ]; }; }
inside() { there "$1" && ls -1 "$place" 2>/dev/null | head -n 200; }
state() {
  if [ -S "$root/run/docker.sock" ] && runs dockerd && command -v docker >/dev/null; then
    [ -w "$root/run/docker.sock" ] && echo 'docker asked' || echo 'docker needs-root'
  elif runs dockerd || runs docker; then echo 'docker no-tool'
  elif closed /var/lib/docker; then echo 'docker needs-root'
  elif [ -n "$(inside /var/lib/docker/containers)" ]; then echo 'docker stopped'
  fi
  if [ -z "$root" ] && [ -e /run/libpod/alive ] && [ -r /run/libpod ] && command -v podman >/dev/null; then echo 'podman asked'
  elif closed /var/lib/containers/storage; then echo 'podman needs-root'
  fi
  for name in lxc lxd incus machines; do closed "/var/lib/$name" && echo "$name needs-root"; done
  for name in kubelet k3s-server k3s-agent k3s rke2 kubelite microk8s; do runs "$name" && { echo 'kubernetes runs'; break; }; done
  true
}
docker_asked() {
  ids=$(docker -H "unix:///run/docker.sock" ps -aq --no-trunc | head -n 200)
  [ -z "$ids" ] || docker -H "unix:///run/docker.sock" inspect --type container --format '${FORMAT}' $ids
}
podman_asked() {
  ids=$(podman ps -aq --no-trunc | head -n 200)
  [ -z "$ids" ] || podman inspect --type container --format '${FORMAT}' $ids
}
# podman knows only of who asks: containers of users are read from their homes besides.
# A user's own directory holds what the user wants: a link out of it would make root print any file of the machine.
podman_files() {
  { [ "$asked" = yes ] || echo /var/lib; echo /root/.local/share; inside /home | sed 's|.*|/home/&/.local/share|'; } | while IFS= read -r store; do
    there "$store/containers/storage/overlay-containers/containers.json" && [ -f "$place" ] && [ -r "$place" ] || continue
    case $store in
      /home/*) home=$(real "$root\${store%/.local/share}") && case $place in "$home/"*) ;; *) continue ;; esac ;;
    esac
    printf '@@ %s\\n' "$store"
    head -c 65536 "$place"
    echo
  done
}
guests_of_lxc() {
  inside /var/lib/lxc | while IFS= read -r name; do
    there "/var/lib/lxc/$name/config" && printf 'lxc\\t%s\\n' "$name"
  done
  for store in /var/lib/incus /var/lib/lxd /var/snap/lxd/common/lxd; do
    { inside "$store/containers"; inside "$store/virtual-machines"; } | sed 's/^/incus	/'
  done
  inside /var/lib/machines | while IFS= read -r name; do
    [ -e "$root/run/systemd/machines/$name" ] && up=running || up=stopped
    printf 'systemd-nspawn\\t%s\\t%s\\n' "$name" "$up"
  done
  [ -n "$root" ] || for place in /proc/[0-9]*; do
    { read -r name <"$place/comm"; } 2>/dev/null || continue
    case $name in lxc-start|'lxc monitor'|'[lxc monitor]'|lxd|incusd|systemd-nspawn) ;; *) continue ;; esac
    words=$(tr '\\000' ' ' <"$place/cmdline" 2>/dev/null)
    case $words in '[lxc monitor] '*) words=\${words% }; printf 'up\\t%s\\n' "\${words##* }" ;; esac
  done
}
of_kubernetes() {
  inside /var/log/pods | while IFS= read -r pod; do
    inside "/var/log/pods/$pod" | while IFS= read -r name; do printf '%s\\t%s\\n' "$pod" "$name"; done
  done
}
of_containerd() {
  runs containerd && command -v ctr >/dev/null && [ -w /run/containerd/containerd.sock ] || return 0
  for space in $(ctr namespaces list -q 2>/dev/null | grep -v -x -e moby -e k8s.io | head -n 10); do
    ctr -n "$space" containers list 2>/dev/null | sed "1d; s|^|$space	|" | head -n 100
  done
}
snaps() { inside /var/lib/snapd/snaps | grep '[.]snap$'; true; }
found=$(state)
part containers:state printf '%s\\n' "$found"
case $found in *'docker asked'*) part containers:docker docker_asked ;; esac
asked=
case $found in *'podman asked'*) asked=yes; part containers:podman podman_asked ;; esac
part containers:podman-files podman_files
part containers:lxc guests_of_lxc
part containers:kubernetes of_kubernetes
part containers:containerd of_containerd
part containers:snap snaps
`;

export const CONTAINERS: Group = { name: 'containers', parts: PARTS };
