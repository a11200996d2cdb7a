/**
 * The rule for the names of evacuations, machines and everything else a plan names: they become directories, domains
 * and volumes on foreign hosts, so they are DNS-like labels.
 */
export const NAME_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
