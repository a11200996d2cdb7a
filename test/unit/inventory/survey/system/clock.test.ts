import { describe, expect, it } from 'vitest';
import {
  parseChrony,
  parseNtpq,
  parseOpenntpd,
  parseTimesync,
  parseZone,
  readClock,
} from '../../../../../src/inventory/survey/system/clock.ts';
import { answersOf } from '../answers.ts';

const CHRONY = `Reference ID    : C0A80001 (192.168.0.1)
Stratum         : 3
System time     : 0.006523000 seconds slow of NTP time
Last offset     : -0.000006747 seconds
Leap status     : Normal
`;
const NTPQ = `     remote           refid      st t when poll reach   delay   offset  jitter
==============================================================================
+10.0.0.2        .GPS.            1 u   33   64  377    0.518    0.100   0.035
*10.0.0.1        10.1.0.1         2 u   33   64  377    0.518   -1.250   0.035
`;

describe('what keeps the clock right', () => {
  it('reads chrony: slow is behind its servers', () => {
    expect(parseChrony(CHRONY)).toEqual({ synchronized: true, offsetMs: -6.523 });
    expect(parseChrony(CHRONY.replace('slow', 'fast'))?.offsetMs).toBe(6.523);
    expect(parseChrony(CHRONY.replace('Normal', 'Not synchronised'))).toEqual({ synchronized: false });
    expect(parseChrony('506 Cannot talk to daemon')).toBeUndefined();
  });

  it('reads ntpq: what the server is ahead is what the machine is behind', () => {
    expect(parseNtpq(NTPQ)).toEqual({ synchronized: true, offsetMs: 1.25 });
    expect(parseNtpq(NTPQ.replace('*', ' '))).toEqual({ synchronized: false });
    expect(parseNtpq('ntpq: read: Connection refused')).toBeUndefined();
  });

  it('reads the others', () => {
    expect(parseOpenntpd('4/4 peers valid, clock synced, stratum 3\n')).toEqual({ synchronized: true });
    expect(parseOpenntpd('0/4 peers valid, clock unsynced\n')).toEqual({ synchronized: false });
    expect(parseTimesync('       Server: 10.0.0.1\n       Offset: +1.234ms\n')).toEqual({
      ...{ synchronized: true, offsetMs: -1.234 },
    });
    expect(parseTimesync('       Server: 10.0.0.1\n       Offset: -250us\n')?.offsetMs).toBe(0.25);
    expect(parseTimesync('nichts')).toBeUndefined();
    expect(parseZone('/usr/share/zoneinfo/posix/America/New_York\n')).toBe('America/New_York');
    expect(parseZone('/usr/share/zoneinfo/../../evil\n')).toBeUndefined();
  });

  it('names the service that runs, and tells what it did not say as a gap', () => {
    const zone = { 'zone-file': 'Europe/Berlin\n' };
    const run = (programs: string, more = {}): ReturnType<typeof answersOf> =>
      answersOf({ ...zone, programs: `bash\n${programs}\n`, ...more });
    expect(readClock(run('chronyd', { chrony: CHRONY }))).toEqual({
      ...{ zone: 'Europe/Berlin', service: 'chrony', synchronized: true, offsetMs: -6.523 },
    });
    expect(readClock(run('systemd-timesyn', { 'timesync-mark': 'x', timesync: 1 }))).toEqual({
      ...{ zone: 'Europe/Berlin', service: 'timesyncd', synchronized: true },
    });
    expect(readClock(run('ntpd', { ntpq: NTPQ, openntpd: 127 }))?.service).toBe('ntpd');
    expect(readClock(run('ntpd', { openntpd: 'clock synced' }))?.service).toBe('openntpd');
    expect(readClock(run('vmtoolsd'))?.service).toBe('vm-tools');
    expect(readClock(run(''))?.service).toBe('none');
    const refused = run('chronyd', { chrony: { rc: 1, text: '506 Cannot talk to daemon' } });
    expect(readClock(refused)).toEqual({ zone: 'Europe/Berlin', service: 'chrony' });
    expect(refused.gaps).toMatchObject([{ what: 'offset of the clock', why: 'refused' }]);
    expect(readClock(answersOf(zone))).toBeUndefined();
  });
});
