# What the lab consists of: names and addresses, in one place. Everything else asks here.
# shellcheck disable=SC2034

SITES=(miami dallas)
SOURCES=(web1 files1 db1)

site_host() { printf '%s-kvm' "$1"; }
site_net() { case $1 in miami) echo 10.77.1 ;; dallas) echo 10.77.2 ;; jump) echo 10.77.3 ;; esac; }
site_namespace() { printf 'lf-%s' "$1"; }
site_dir() { printf '%s/%s' "$LAB" "$1"; }

WAN_NAMESPACE=lf-wan
JUMP_NAMESPACE=lf-jump
JUMP_ADDRESS=10.77.3.2

source_address() { case $1 in web1) echo 10.77.1.11 ;; files1) echo 10.77.1.12 ;; db1) echo 10.77.1.13 ;; esac; }
target_address() { case $1 in web1) echo 10.77.2.11 ;; files1) echo 10.77.2.12 ;; db1) echo 10.77.2.13 ;; esac; }
source_mac() { case $1 in web1) echo 52:54:00:77:01:11 ;; files1) echo 52:54:00:77:01:12 ;; db1) echo 52:54:00:77:01:13 ;; esac; }
source_memory() { case $1 in web1) echo 384 ;; files1) echo 384 ;; db1) echo 640 ;; esac; }

GOLDEN_VOLUME=debian-12-golden.qcow2
IMAGES=/var/lib/libvirt/images
# The Dallas pool is a file system of its own, so that it can be full without the machine being full. Sparse.
DALLAS_POOL_SIZE=24G

SUITE=bookworm

is_source() { local name; for name in "${SOURCES[@]}"; do [[ $name == "$1" ]] && return 0; done; return 1; }
