# libvirt's side of the sites: networks, pools, and in Miami the source guests, booting from their own disks.

domains_up() {
  local accel=$1 site name
  for site in "${SITES[@]}"; do
    lab_network "$site"
    lab_pool "$site"
  done
  place_disk dallas golden "$GOLDEN_VOLUME"
  virsh_in dallas pool-refresh default >/dev/null
  for name in "${SOURCES[@]}"; do
    if ! virsh_in miami domstate "$name" >/dev/null 2>&1; then
      place_disk miami "$name" "$name.qcow2"
      [[ $name != files1 ]] || place_disk miami files1-data files1-data.qcow2
      source_domain "$name" "$accel" | virsh_in miami define --validate /dev/stdin >/dev/null
    fi
    [[ $(virsh_in miami domstate "$name") == running ]] || virsh_in miami start "$name" >/dev/null
  done
  virsh_in miami pool-refresh default >/dev/null
}

# Whether an active object of that name is listed: virsh_lists SITE net-list|pool-list NAME.
virsh_lists() { grep -x "$3" <<<"$(virsh_in "$1" "$2" --name | tr -d ' ')" >/dev/null; }

lab_network() {
  virsh_in "$1" net-info lab >/dev/null 2>&1 ||
    printf '<network><name>lab</name><forward mode="bridge"/><bridge name="br0"/></network>' |
    virsh_in "$1" net-define /dev/stdin >/dev/null
  virsh_in "$1" net-autostart lab >/dev/null
  virsh_lists "$1" net-list lab || virsh_in "$1" net-start lab >/dev/null
}

lab_pool() {
  virsh_in "$1" pool-info default >/dev/null 2>&1 || virsh_in "$1" pool-define-as default dir --target "$IMAGES" >/dev/null
  virsh_in "$1" pool-autostart default >/dev/null
  virsh_lists "$1" pool-list default || virsh_in "$1" pool-start default >/dev/null
}

# The cached disk, as a file of the site's own. A disk that is there is never written over: guests run from it.
place_disk() { # SITE CACHED-NAME VOLUME
  local images
  images=/proc/$(site_pid "$1")/root$IMAGES
  [[ -e $images/$3 ]] || { cp --reflink=auto --sparse=always "$(disks_dir)/$2.qcow2" "$images/$3.part" && mv "$images/$3.part" "$images/$3"; }
}

disk_element() { # FILE TARGET
  printf "<disk type='file' device='disk'><driver name='qemu' type='qcow2' discard='unmap'/><source file='%s/%s'/><target dev='%s' bus='virtio'/></disk>\n" "$IMAGES" "$1" "$2"
}

source_domain() {
  local name=$1 accel=$2 type=qemu cpu="<cpu mode='maximum'/>"
  # QEMU keeps translated code in up to 1 GiB a guest, and a guest stands still for minutes when that is swept.
  local features="<acpi/><apic/><tcg><tb-cache unit='MiB'>64</tb-cache></tcg>"
  if [[ $accel == kvm ]]; then type=kvm cpu="<cpu mode='host-model'/>" features='<acpi/><apic/>'; fi
  cat <<XML
<domain type='$type'>
  <name>$name</name>
  <memory unit='MiB'>$(source_memory "$name")</memory>
  <vcpu>2</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type><boot dev='hd'/></os>
  <features>$features</features>
  $cpu
  <clock offset='utc'/>
  <on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>restart</on_crash>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    $(disk_element "$name.qcow2" vda)
    $([[ $name != files1 ]] || disk_element files1-data.qcow2 vdb)
    <interface type='network'><mac address='$(source_mac "$name")'/><source network='lab'/><model type='virtio'/></interface>
    <serial type='pty'><log file='/var/log/libvirt/qemu/$name-serial.log' append='on'/></serial>
    <console type='pty'/>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
    <memballoon model='virtio'/>
  </devices>
</domain>
XML
}

# Emulated guests on a busy machine take their time to greet; the ssh_config waits for them.
jump_ssh() { "$LAB/jump/enter" ssh -F "$LAB/jump/ssh_config" "$@"; }

guests_answer() {
  local name at=$SECONDS limit=300 log
  [[ $1 == kvm ]] && limit=90
  for name in "${SOURCES[@]}"; do
    log=$LAB/miami/log/qemu/$name-serial.log
    until_true $((limit - (SECONDS - at))) jump_ssh -o ConnectTimeout=10 "$name" true ||
      fail "$name does not answer SSH after $limit s" "$log" "read the end of that log: it is $name's serial console" 'scripts/kvm-lab up, to wait again'
    say "$name answers ($(took "$at") after its start)"
  done
}
