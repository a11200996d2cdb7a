/** Routes, firewall, time, load, rates of the disks, and what is bound to this very machine. */
export const SYSTEM_PART = `probe survey-user id -u
`;
