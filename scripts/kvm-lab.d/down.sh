# down: takes away what is recorded; each step tolerates that it was done before or never.

down_command() {
  (($# == 0)) || refuse 2 'down takes no options' "$*" 'scripts/kvm-lab down'
  local site name
  for name in kvm-probe builder delay jump; do end_process "$name"; done
  for site in "${SITES[@]}"; do site_down "$site"; done
  network_down
  remove_state
  [[ $(readlink "$OWNER" 2>/dev/null) != "$LAB" ]] || rm -f "$OWNER"
  rm -f "$checkout/plans/kvm-lab.yaml" "$checkout/plans/kvm-lab-swapped.yaml"
  say "the lab is gone; the cache stays ($(du -sh "$CACHE" 2>/dev/null | cut -f1) in $CACHE)"
}

# Only what this lab writes, by name: LAB may be a directory that somebody else uses too.
remove_state() {
  local entry
  for entry in miami dallas jump records faults faults-saved build kvm-probe.log apt.log lock; do
    rm -rf --one-file-system "${LAB:?}/$entry"
  done
  rmdir "$LAB" 2>/dev/null || true
}

clean_cache_command() {
  local entry
  for entry in trees disks keys accelerator; do rm -rf --one-file-system "${CACHE:?}/$entry"; done
  say "the cache is empty: $CACHE"
}
