/** sda, sdb … as the kernel hands them out: the first that is free. */
export function freeDevice(prefix: 'sd' | 'vd', taken: readonly string[]): string {
  for (let at = 0; at < 26; at += 1) {
    const name = `${prefix}${String.fromCharCode(97 + at)}`;
    if (!taken.includes(name)) return name;
  }
  throw new RangeError(`no ${prefix} device is free`);
}
