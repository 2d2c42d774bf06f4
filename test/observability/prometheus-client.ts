type Labels = Readonly<Record<string, string>>;

export interface Series {
  readonly metric: Labels;
  /** Seconds since 1970, and a number as a text. */
  readonly values: readonly (readonly [at: number, value: string])[];
}
interface Alert {
  readonly labels: Labels;
  readonly state: 'pending' | 'firing';
}
interface Target {
  readonly health: string;
  readonly labels: Labels;
}
export interface EvaluatedRule {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
  readonly lastEvaluation: string;
}

/** In seconds since 1970. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
}

/** Prometheus' HTTP API. Throws with what Prometheus says. */
export function createPrometheusClient(address: string) {
  async function ask<Data>(path: string, parameters?: Readonly<Record<string, string>>): Promise<Data> {
    const response = await fetch(`${address}/api/v1/${path}`, {
      signal: AbortSignal.timeout(30_000),
      ...(parameters ? { method: 'POST', body: new URLSearchParams(parameters) } : {}),
    });
    const answer = (await response.json()) as { status: string; error?: string; data: Data };
    if (answer.status !== 'success')
      throw new Error(`${path} ${JSON.stringify(parameters)}: ${answer.error}`);
    return answer.data;
  }

  async function evaluate<Result>(
    path: string,
    type: string,
    parameters: Record<string, string>,
  ): Promise<Result[]> {
    const { resultType, result } = await ask<{ resultType: string; result: Result[] }>(path, parameters);
    if (resultType !== type) throw new Error(`${parameters['query']} is no ${type}, but a ${resultType}`);
    return result;
  }

  return {
    alerts: async () => (await ask<{ alerts: Alert[] }>('alerts')).alerts,
    targets: async () => (await ask<{ activeTargets: Target[] }>('targets')).activeTargets,
    rules: async () => {
      const { groups } = await ask<{ groups: { rules: EvaluatedRule[] }[] }>('rules');
      return groups.flatMap(({ rules }) => rules);
    },
    /** The labels and the value of each series that the query has now. */
    query: (query: string) =>
      evaluate<{ metric: Labels; value: readonly [number, string] }>('query', 'vector', { query }),
    /** A sample each second. */
    range: (query: string, { start, end }: TimeRange) =>
      evaluate<Series>('query_range', 'matrix', { query, start: String(start), end: String(end), step: '1' }),
    /** Also of series that are gone by now. */
    series: (selector: string, { start, end }: TimeRange) =>
      ask<Labels[]>('series', { 'match[]': selector, start: String(start), end: String(end) }),
  };
}
export type PrometheusClient = ReturnType<typeof createPrometheusClient>;
