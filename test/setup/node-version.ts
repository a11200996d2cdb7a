/** The suite must run on the Node that the lockfile pins, not on whatever the machine has. */
export function setup(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 24) {
    throw new Error(`tests need Node 24 or newer, this is ${process.versions.node}: run scripts/test`);
  }
}
