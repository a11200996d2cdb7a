/**
 * A backup in pull mode: libvirt exports the disks as they are in this instant, and a bitmap of what was written since the
 * checkpoint, on a socket. Nothing is copied by it; what the guest overwrites meanwhile is kept in the scratch files.
 */
export function pullXml(directory: string, checkpoint: string, disks: readonly string[]): string {
  const text = (value: string): string => value.replace(/[&<>'"]/g, found => `&#${found.codePointAt(0)};`);
  return [
    `<domainbackup mode='pull'>`,
    `  <incremental>${text(checkpoint)}</incremental>`,
    `  <server transport='unix' socket='${text(`${directory}/s`)}'/>`,
    '  <disks>',
    ...disks.flatMap(disk => [
      `    <disk name='${text(disk)}' backup='yes' type='file' exportname='${text(disk)}' exportbitmap='${text(`backup-${disk}`)}'>`,
      `      <driver type='qcow2'/>`,
      `      <scratch file='${text(`${directory}/scratch-${disk}`)}'/>`,
      '    </disk>',
    ]),
    '  </disks>',
    '</domainbackup>',
    '',
  ].join('\n');
}
