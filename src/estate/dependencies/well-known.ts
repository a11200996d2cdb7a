/** What the whole world may use from anywhere: it is lost with no site. */
const PUBLIC_NAMES =
  /(?:^|\.)(?:pool\.ntp\.org|ntp\.ubuntu\.com|ntp\.org|time\.(?:google|cloudflare|windows|apple)\.com|debian\.org|debian\.net|ubuntu\.com|canonical\.com|centos\.org|fedoraproject\.org|rockylinux\.org|almalinux\.org|redhat\.com|opensuse\.org|suse\.com|alpinelinux\.org|archlinux\.org|docker\.com|docker\.io|quay\.io|ghcr\.io|github\.com|githubusercontent\.com|gitlab\.com|pypi\.org|npmjs\.org|maven\.org|rubygems\.org|packagecloud\.io|postgresql\.org|mariadb\.org|mysql\.com|nginx\.org|elastic\.co|grafana\.com|datadoghq\.com|launchpad\.net|launchpadcontent\.net)$/;

const PUBLIC_RESOLVERS = new Set([
  ...['1.1.1.1', '1.0.0.1', '8.8.8.8', '8.8.4.4', '9.9.9.9', '149.112.112.112', '208.67.222.222'],
  ...['2606:4700:4700::1111', '2606:4700:4700::1001', '2001:4860:4860::8888', '2001:4860:4860::8844'],
]);

/** Host names in small letters, addresses in their one form. */
export const isWellKnown = (host: string): boolean => PUBLIC_RESOLVERS.has(host) || PUBLIC_NAMES.test(host);
