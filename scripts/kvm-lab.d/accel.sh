# KVM or emulation. /dev/kvm may exist, open and make virtual machines that never execute an instruction; so the probe
# runs a kernel under KVM and waits for its first line on the serial console.

KVM_PROBE_SECONDS=12

# Answers "kvm" or "tcg"; asks the machine once per boot.
accelerator() {
  local boot memory=$CACHE/accelerator
  boot=$(</proc/sys/kernel/random/boot_id)
  if [[ $(cut -d' ' -f1 "$memory" 2>/dev/null) != "$boot" ]]; then
    local answer=tcg
    if kvm_runs_a_kernel; then answer=kvm; fi
    printf '%s %s\n' "$boot" "$answer" >"$memory"
  fi
  cut -d' ' -f2 "$memory"
}

kvm_runs_a_kernel() {
  [[ -c /dev/kvm && -w /dev/kvm ]] || return 1
  local kernel serial=$LAB/kvm-probe.log pid answer=1
  kernel=$(guest_kernel)
  : >"$serial"
  qemu-system-x86_64 -machine q35,accel=kvm -cpu host -m 256 -nodefaults -display none -no-reboot \
    -kernel "$kernel" -append 'console=ttyS0 panic=-1' -serial "file:$serial" >/dev/null 2>&1 </dev/null 9>&- &
  pid=$!
  record_process kvm-probe "$pid"
  if until_true "$KVM_PROBE_SECONDS" grep -aq 'Linux version' "$serial"; then answer=0; fi
  end_process kvm-probe
  wait "$pid" 2>/dev/null || true
  return "$answer"
}
