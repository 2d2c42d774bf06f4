const token = /"(?:[^"\\]+|\\.)*"|[{}[\]:,]/g;

/** The fields that an object has more than once, of which JSON.parse keeps the last. `text` must be JSON. */
export function duplicateFields(text: string): string[] {
  const seen = new Set<string>();
  const duplicates = new Set<string>();
  let depth = 0;
  let last = '';
  for (const [found] of text.matchAll(token)) {
    if (found === '{' || found === '[') depth += 1;
    if (found === '}' || found === ']') depth -= 1;
    if (found === ':' && depth === 1) {
      const name = JSON.parse(last) as string;
      (seen.has(name) ? duplicates : seen).add(name);
    }
    last = found;
  }
  return [...duplicates];
}
