import { XMLBuilder } from 'fast-xml-parser';

/** The XML with which libvirt is asked for a checkpoint and for a backup of the same instant. Pure. */

/** A disk of the domain, and the file that its piece is written to; without one it does not take part. */
export interface BackupDisk {
  readonly disk: string;
  readonly piece?: string;
}

const build = (document: unknown): string =>
  new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    format: true,
    suppressEmptyNode: true,
    suppressBooleanAttributes: false,
  }).build(document);

/** Every disk is named: one that is left out would be taken in by some versions and make the call fail on raw disks. */
export const checkpointXml = (name: string, disks: readonly BackupDisk[]): string =>
  build({
    domaincheckpoint: {
      name,
      disks: {
        disk: disks.map(({ disk, piece }) => ({
          '@name': disk,
          '@checkpoint': piece === undefined ? 'no' : 'bitmap',
        })),
      },
    },
  });

/** Push mode: QEMU writes what has changed since the checkpoint `since`, or everything, into one qcow2 file a disk. */
export const pushXml = (disks: readonly BackupDisk[], since?: string): string =>
  build({
    domainbackup: {
      '@mode': 'push',
      ...(since === undefined ? {} : { incremental: since }),
      disks: {
        disk: disks.map(({ disk, piece }) =>
          piece === undefined
            ? { '@name': disk, '@backup': 'no' }
            : {
                '@name': disk,
                '@backup': 'yes',
                '@type': 'file',
                driver: { '@type': 'qcow2' },
                target: { '@file': piece },
              },
        ),
      },
    },
  });

/**
 * Pull mode: the instant is served over NBD at the socket `s` of a directory; what the guest overwrites meanwhile is kept in
 * scratch files beside it.
 */
export const pullXml = (disks: readonly string[], directory: string): string =>
  build({
    domainbackup: {
      '@mode': 'pull',
      server: { '@transport': 'unix', '@socket': `${directory}/s` },
      disks: {
        disk: disks.map(disk => ({
          '@name': disk,
          '@backup': 'yes',
          '@type': 'file',
          '@exportname': disk,
          driver: { '@type': 'qcow2' },
          scratch: { '@file': `${directory}/scratch-${disk}` },
        })),
      },
    },
  });
