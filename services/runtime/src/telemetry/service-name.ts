/** OTEL_SERVICE_NAME, else service.name of OTEL_RESOURCE_ATTRIBUTES, else the process' own; what is empty counts as not set. */
export function serviceNameOf(env: NodeJS.ProcessEnv, own: string): string {
  return env['OTEL_SERVICE_NAME']?.trim() || nameInList(env['OTEL_RESOURCE_ATTRIBUTES'] ?? '') || own;
}

/** One entry that is no `key=value` discards the whole list: OpenTelemetry, resource SDK. So does one of more than 255 characters. */
function nameInList(list: string): string | undefined {
  try {
    const entries = list.split(',').filter((entry) => entry.trim() !== '');
    return new Map(entries.map(toAttribute)).get('service.name');
  } catch {
    return undefined;
  }
}

function toAttribute(entry: string): [key: string, value: string] {
  const [key = '', value = '', ...more] = entry.split('=').map((part) => decodeURIComponent(part.trim()));
  const fits = key.length <= 255 && value.length <= 255;
  if (!key || !entry.includes('=') || more.length > 0 || !fits) throw new Error('no key=value');
  return [key, value];
}
