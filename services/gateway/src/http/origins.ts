/** Who may call from a browser: origins as they are, and patterns. */
export type Origins = readonly (string | RegExp)[];

/** `*` stands for letters, digits and hyphens: one name of a host, or a port. Alone it stands for every origin. */
export function parseOrigins(list: string): Origins {
  return list
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(parseOrigin);
}

function parseOrigin(origin: string): string | RegExp {
  if (origin === '*') return /^/;
  if (!origin.includes('*')) return origin;
  const parts = origin.split('*').map((part) => part.replace(/[.\\/]/g, '\\$&'));
  return new RegExp(`^${parts.join('[A-Za-z0-9-]+')}$`);
}

export function isAllowed(origins: Origins, origin: string): boolean {
  return origins.some((allowed) => (typeof allowed === 'string' ? allowed === origin : allowed.test(origin)));
}

const one = '(\\*|https?://[A-Za-z0-9*-]+(\\.[A-Za-z0-9*-]+)*(:[0-9]{1,5}|:\\*)?)';
export const originsPattern = `^${one}([\\s,]+${one})*$`;
