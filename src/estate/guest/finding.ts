export interface GuestFinding {
  readonly check:
    | 'boot-loader'
    | 'initramfs-virtio'
    | 'fstab-uuid'
    | 'fstab-device'
    | 'mount-by-hand'
    | 'nic-name'
    | 'nic-mac'
    | 'failed-units'
    | 'host-keys';
  /** What was found: one sentence without a full stop. */
  readonly found: string;
  /** What the engineer can do. */
  readonly help: string;
}
