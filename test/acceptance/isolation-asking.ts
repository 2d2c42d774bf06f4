import { type Known, methodOf, type TaskRoute } from './isolation-routes.ts';
import type { World } from './isolation-world.ts';
import { type Asked, comparable, createRawHttp } from './raw-http.ts';

export type Asking = ReturnType<typeof createAsking>;

interface AskedBy extends Asked {
  readonly token: string;
}

/** Requests by anybody but the owner. */
export function createAsking({ tickwork, supabase }: World) {
  const http = createRawHttp(tickwork.url);
  /** Every body that came. */
  const shown: string[] = [];

  async function answerTo({ token, headers, ...asked }: AskedBy) {
    const bearer: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
    const answer = await http.ask({ ...asked, headers: { ...headers, ...bearer } });
    shown.push(answer.body);
    return answer;
  }
  const show = async (asked: AskedBy) => comparable(await answerTo(asked));

  return {
    shown,
    show,
    get: (path: string, token: string) => show({ method: 'GET', path, token }),
    submit: (token: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
      show({
        method: 'POST',
        path: '/tasks',
        token,
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    /** What is answered of a task, and what Supabase was asked for it. */
    async ask(route: TaskRoute, id: string, { token, known }: { token: string; known: Known }) {
      supabase.calls.splice(0);
      const { operation, path, headers } = route;
      const answer = await show({
        method: methodOf(operation),
        path: path(id),
        token,
        headers: headers?.(known) ?? {},
      });
      return { ...answer, steps: supabase.calls.map((call) => `${call.method} ${call.path}`) };
    },
    /** As the answer to a delete tells. */
    async writesLeft(path: string, token: string): Promise<number> {
      const { headers } = await answerTo({ method: 'DELETE', path, token });
      const index = headers.findIndex((text) => text.toLowerCase() === 'ratelimit-remaining');
      return Number(headers[index + 1]);
    },
    close: () => http.close(),
  };
}
